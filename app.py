"""The page: a Gradio app over the Assistant.

    python app.py [--host H] [--port P] [--db FILE] [--engine auto|llamacpp|openai|none] [--model FILE]

Everything a visitor sees is drawn from the database, so a reload, a second tab and a restart show the
same. Who is asking comes from the login, else from a random secret that the browser keeps.
"""

import argparse
import os
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

STARTED = time.perf_counter()  # before our own imports, which are a part of the start

from assistant.settings import Settings, add_arguments  # noqa: E402

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

LISTEN = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (button) trigger('click', {action: button.dataset.do, id: button.dataset.id || '', text: button.dataset.text || ''});
});
let moved = null, timer = 0, keyed = false, held = '';
const letGo = () => {
  clearTimeout(timer);
  if (moved) trigger('click', {action: moved.dataset.do, id: moved.dataset.id, text: moved.value});
  moved = null;
};
element.addEventListener('keydown', () => { keyed = true; });
element.addEventListener('pointerdown', () => { keyed = false; });
element.addEventListener('input', (event) => {
  if (event.target.type !== 'range') return;
  event.target.closest('details').firstElementChild.textContent = event.target.value + ' %';
  clearTimeout(timer);
});
element.addEventListener('change', (event) => {
  if (event.target.type !== 'range') return;
  moved = event.target;
  held = moved.closest('details').dataset.key;
  clearTimeout(timer);
  timer = setTimeout(letGo, keyed ? 800 : 0);
});
element.addEventListener('focusin', (event) => { if (event.target !== moved) held = ''; });
const opened = new Set();
const nth = (details) => details.dataset.key || details.className + [...element.getElementsByClassName(details.className)].indexOf(details);
element.addEventListener('toggle', (event) => opened[event.target.open ? 'add' : 'delete'](nth(event.target)), true);
let said = 0, following = true;
['wheel', 'touchmove', 'pointerdown', 'keydown'].forEach((what) => element.addEventListener(what, () => { following = false; }, {passive: true}));
const follow = () => {
  const mine = element.querySelectorAll('article.you');
  if (mine.length < said) opened.clear();
  element.querySelectorAll('details').forEach((details) => { if (opened.has(nth(details))) details.open = true; });
  const tuned = held && [...element.querySelectorAll('details.tune')].find((details) => details.dataset.key === held);
  if (tuned && document.activeElement === document.body) { const key = held; tuned.querySelector('input').focus(); held = key; }
  following ||= mine.length !== said;
  said = mine.length;
  const log = element.querySelector('.talk');
  if (following && log && said) log.scrollTop = mine[said - 1].offsetTop - log.offsetTop;
};
watch('value', follow);
setTimeout(follow, 0);
"""
MASTHEAD = '<header id="masthead"><h1>Tell<b>Why</b></h1><p>Films for you, and exactly why.</p></header>'
MOST_CHARACTERS = 10_000


def build_page(assistant, secret: str):
    """The Gradio Blocks for `assistant`. `secret` keeps the browsers' tokens valid over a restart."""
    import gradio as gr

    page = Page(assistant)
    with gr.Blocks(title="TellWhy", analytics_enabled=False, fill_width=True) as blocks:
        token = gr.BrowserState("", storage_key="tellwhy", secret=secret)
        gr.HTML(MASTHEAD, elem_id="head", js_on_load=None, apply_default_css=False)
        with gr.Row():
            with gr.Column(scale=7, min_width=320):
                talk = gr.HTML(elem_id="talk", js_on_load=LISTEN, apply_default_css=False)
                with gr.Row(elem_id="composer"):
                    box = gr.Textbox(
                        show_label=False, label="Your message", placeholder="Say what you like, or ask why", container=False,
                        lines=1, max_lines=5, scale=8, autofocus=True, max_length=MOST_CHARACTERS, elem_id="message",
                    )
                    send = gr.Button("Send", elem_id="send", scale=0)
            with gr.Column(scale=3, min_width=280):
                panel = gr.HTML(elem_id="panel", js_on_load=LISTEN, apply_default_css=False)
                fresh = gr.Button("New conversation", elem_id="fresh", size="sm")
        shown = [talk, panel, token]
        quiet = {"show_progress": "hidden", "api_visibility": "private"}

        def on_load(key: str, request: gr.Request):
            return page.open(key, request)

        def on_message(text: str, key: str, request: gr.Request):
            for drawn in page.say(text, key, request):
                yield "", *drawn

        def on_click(key: str, request: gr.Request, event: gr.EventData):
            data = event._data or {}
            yield from page.click(str(data.get("action", "")), str(data.get("id", "")), str(data.get("text", "")), key, request)

        def on_fresh(key: str, request: gr.Request):
            return page.new(key, request)

        blocks.load(on_load, [token], shown, **quiet)
        for event in (box.submit, send.click):
            event(on_message, [box, token], [box, *shown], concurrency_limit=8, concurrency_id="turns", **quiet)
        for part in (talk, panel):
            part.click(on_click, [token], shown, trigger_mode="multiple", concurrency_limit=8, concurrency_id="turns", **quiet)
        fresh.click(on_fresh, [token], shown, **quiet)
    return blocks


class Page:
    """What the handlers do, without Gradio's wiring. Knows no person: each call brings its own."""

    def __init__(self, assistant) -> None:
        from assistant.turns import Turns

        self.assistant = assistant
        self._turns = Turns()
        self._starters = assistant.starters(10)

    @staticmethod
    def user(key: str, request) -> tuple[str, str]:
        """(user, token). The login's name if there is one, else the browser's secret, made now if it has none."""
        if name := getattr(request, "username", None):
            return f"login:{name}", key
        key = key if isinstance(key, str) and len(key) >= 32 else secrets.token_urlsafe(32)
        return f"browser:{key}", key

    def open(self, key: str, request) -> tuple[str, str, str]:
        user, key = self.user(key, request)
        return self._drawn(user, key)

    def new(self, key: str, request) -> tuple[str, str, str]:
        user, key = self.user(key, request)
        self.assistant.new_conversation(user)
        return self._drawn(user, key)

    def say(self, text: str, key: str, request) -> Iterator[tuple[str, str, str]]:
        """A typed message. An empty one only draws the page again."""
        user, key = self.user(key, request)
        text = (text or "").strip()[:MOST_CHARACTERS]
        if not text:
            yield self._drawn(user, key)
            return
        yield from self._in_turn(user, key, lambda: self._played(user, key, "user", text, self.assistant.stream(user, text)))

    def click(self, action: str, ref: str, text: str, key: str, request) -> Iterator[tuple[str, str, str]]:
        """A click on a button of the page; one that means nothing only draws it again."""
        if action == "say":
            yield from self.say(text, key, request)
            return
        user, key = self.user(key, request)
        yield from self._in_turn(user, key, lambda: self._click(user, key, action, ref, text))

    def _in_turn(self, user: str, key: str, turn) -> Iterator[tuple[str, str, str]]:
        """What the turn draws, after the earlier ones of the person; what goes wrong is drawn as a notice."""
        from assistant.errors import AssistantError
        from store.errors import StoreError

        try:
            yield from self._turns.run(user, turn)
            return
        except (AssistantError, StoreError, ValueError) as error:
            notice = str(error)
        yield self._drawn(user, key, notice=notice)

    def _click(self, user: str, key: str, action: str, ref: str, text: str) -> Iterator[tuple[str, str, str]]:
        events = self._clicked(user, action, ref, text)
        yield from self._played(user, key, "click", "", events) if events is not None else (self._drawn(user, key),)

    def _clicked(self, user: str, action: str, ref: str, text: str):
        if action == "undo":
            return self.assistant.undo(user)
        if not ref.isdigit():
            return None
        if action in ("like", "dislike", "seen"):
            known = self.assistant.profile(user).get(("item", ref))
            return self.assistant.react(user, int(ref), None if known and known.role == action else action)
        if action == "why":
            return self.assistant.why(user, int(ref))
        if action == "alike":
            return self.assistant.more_like(user, int(ref))
        if action in ("less", "more", "wrong"):
            return self.assistant.steer(user, int(ref), action)
        if action == "strength" and text.isdigit():
            return self.assistant.set_strength(user, int(ref), int(text) / 100)
        return self.assistant.remove(user, int(ref)) if action == "remove" else None

    def _played(self, user: str, key: str, role: str, text: str, events) -> Iterator[tuple[str, str, str]]:
        """The page while a turn is answered: the message at once, cards before prose, then the page as it is stored."""
        from assistant import cards

        before = self.assistant.history(user)
        profile = self.assistant.profile(user)
        told, shown = cards.told(before), cards.latest([t.recommendations for t in before])
        mine = cards.message(role, text) if text else ""
        side = self._panel(profile, before)

        def drawn(answer: str) -> tuple[str, str, str]:
            return f'<div class="talk" role="log" aria-live="polite">{told}{mine}{answer}</div>', side, key

        yield drawn(cards.message("assistant", "", busy=True))
        picks, reasons, reruns, prose, reply = (), (), (), "", None
        for event in events:
            if event.kind == "understood":
                side = cards.panel(self.assistant.profile(user), self.assistant.strengths(user))
            elif event.kind == "picks":
                picks, reasons = event.recommendations, event.reasons
                told = cards.told(before, replaced=role == "click")
            elif event.kind == "text":
                prose += event.text
            elif event.kind == "done":
                reply, reruns = event.reply, event.reply.reruns
            yield drawn(cards.message("assistant", prose, picks, reasons, reruns=reruns, before=shown, busy=event.kind != "done"))
        yield self._drawn(user, key, reply.suggestions if reply else ())

    def _drawn(self, user: str, key: str, suggestions=(), notice: str = "") -> tuple[str, str, str]:
        from assistant import cards

        profile = self.assistant.profile(user)
        turns = self.assistant.history(user)
        return cards.conversation(turns, self._starters, suggestions, notice or self._notice(), profile), self._panel(profile, turns), key

    def _panel(self, profile, turns) -> str:
        """The profile, its chart in the colours that the latest cards use for the same causes."""
        from assistant import cards, charts

        picks = cards.latest([t.recommendations for t in turns])
        chart = charts.of_profile(profile, self.assistant.recommender.recency(profile), cards.hues(picks))
        return cards.panel(profile, self.assistant.strengths(profile.user), chart)

    def _notice(self) -> str:
        if problem := self.assistant.engine_problem:
            return f"The language model is not there, so I cannot read messages; buttons and reasons work. {problem}"
        return "" if self.assistant.engine_ready or self.assistant.settings.engine_name == "none" else (
            "The language model is still loading; the first answer takes a few seconds longer."
        )


def page_secret(db: str) -> str:
    """The secret that signs browsers' tokens, kept beside the database with owner-only rights; made if absent."""
    path = Path(f"{db}.secret")
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _warm_up(assistant) -> None:
    """Loads what the first message, and then the first chart, would wait for."""
    from assistant import drawing

    assistant.warm_up()
    drawing.warm_up()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_arguments(parser, page=True)
    from assistant.errors import AssistantError
    from store.errors import StoreError

    try:
        settings = Settings.from_arguments(parser.parse_args(argv))
        print(f"TellWhy: opening {settings.db}", file=sys.stderr, flush=True)
        from assistant.conversation import Assistant

        assistant = Assistant.open(settings.db, settings=settings)
    except (AssistantError, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    import gradio as gr

    blocks = build_page(assistant, page_secret(settings.db))
    blocks.queue(api_open=False)
    try:
        blocks.launch(
            server_name=settings.host, server_port=settings.port, share=False, quiet=True, prevent_thread_lock=True, footer_links=[],
            theme=gr.themes.Base(font=["Georgia", "serif"], font_mono=["monospace"]),
            # Not `css=`: Gradio prefixes those selectors, which breaks the ones on its own containers.
            head=f"<style>{files('assistant').joinpath('data/page.css').read_text(encoding='utf-8')}</style>",
            enable_monitoring=False, run_history=False, show_error=False, ssr_mode=False,
        )
    except OSError as error:
        print(f"error: cannot listen on {settings.host}:{settings.port}: {error}; give another --port", file=sys.stderr)
        return 1
    # Beside the page, not before it: it would hold the start up by a second.
    threading.Thread(target=_warm_up, args=(assistant,), name="warm-up", daemon=True).start()
    print(f"TellWhy is on http://{settings.host}:{settings.port}  (up in {time.perf_counter() - STARTED:.1f} s; Ctrl-C ends)", flush=True)
    try:
        blocks.block_thread()
    finally:
        assistant.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
