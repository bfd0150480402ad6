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

PRESS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-do]');
  if (button) trigger('click', {action: button.dataset.do, id: button.dataset.id || '', text: button.dataset.text || ''});
});
"""
SPEAK = PRESS + """
let pressed = '';
element.addEventListener('click', (event) => { pressed = event.target.closest('button[data-do]')?.dataset.id || ''; });
const speak = () => {
  document.documentElement.lang = element.querySelector('header').lang;
  if (pressed && document.activeElement === document.body) element.querySelector(`button[data-id="${pressed}"]`).focus();
};
watch('value', speak);
setTimeout(speak, 0);
"""
LISTEN = PRESS + """
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
  const shown = event.target.closest('details').firstElementChild;
  shown.textContent = shown.textContent.replace(/\\d+/, event.target.value);
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
MOST_CHARACTERS = 10_000


def build_page(assistant, secret: str):
    """The Gradio Blocks for `assistant`. `secret` keeps the browsers' tokens valid over a restart."""
    import gradio as gr

    from assistant import cards
    from assistant.page_words import PAGE_WORDS

    page = Page(assistant)
    first = PAGE_WORDS[assistant.settings.language]  # until the browser has said which it wants
    with gr.Blocks(title="TellWhy", analytics_enabled=False, fill_width=True) as blocks:
        token = gr.BrowserState("", storage_key="tellwhy", secret=secret)
        chosen = gr.BrowserState("", storage_key="tellwhy-language", secret=secret)
        head = gr.HTML(cards.masthead(assistant.settings.language), elem_id="head", js_on_load=SPEAK, apply_default_css=False)
        with gr.Row():
            with gr.Column(scale=7, min_width=320):
                talk = gr.HTML(elem_id="talk", js_on_load=LISTEN, apply_default_css=False)
                with gr.Row(elem_id="composer"):
                    box = gr.Textbox(
                        show_label=False, label=first.message, placeholder=first.placeholder, container=False,
                        lines=1, max_lines=5, scale=8, autofocus=True, max_length=MOST_CHARACTERS, elem_id="message",
                    )
                    send = gr.Button(first.send, elem_id="send", scale=0)
            with gr.Column(scale=3, min_width=280):
                panel = gr.HTML(elem_id="panel", js_on_load=LISTEN, apply_default_css=False)
                fresh = gr.Button(first.new_conversation, elem_id="fresh", size="sm")
        shown = [talk, panel, token]
        quiet = {"show_progress": "hidden", "api_visibility": "private"}

        def around(language: str):
            """What stands around the talk, in a language."""
            words = PAGE_WORDS[language]
            composer = gr.update(label=words.message, placeholder=words.placeholder)
            return cards.masthead(language), composer, gr.update(value=words.send), gr.update(value=words.new_conversation)

        def on_load(key: str, language: str, request: gr.Request):
            language = page.language(language, request)
            return *around(language), *page.open(key, language, request)

        def on_language(key: str, request: gr.Request, event: gr.EventData):
            language = page.language((event._data or {}).get("id"), request)
            yield language, *around(language), *[gr.skip()] * len(shown)
            for drawn in page.redraw(key, language, request):
                yield language, *around(language), *drawn

        def on_message(text: str, key: str, language: str, request: gr.Request):
            for drawn in page.say(text, key, page.language(language, request), request):
                yield "", *drawn

        def on_click(key: str, language: str, request: gr.Request, event: gr.EventData):
            data = event._data or {}
            action, ref, words = (str(data.get(part, "")) for part in ("action", "id", "text"))
            yield from page.click(action, ref, words, key, page.language(language, request), request)

        def on_fresh(key: str, language: str, request: gr.Request):
            return page.new(key, page.language(language, request), request)

        frame, asking = [head, box, send, fresh], [token, chosen]
        turns = {"concurrency_limit": 8, "concurrency_id": "turns", **quiet}
        blocks.load(on_load, asking, [*frame, *shown], **quiet)
        head.click(on_language, [token], [chosen, *frame, *shown], **turns)
        for event in (box.submit, send.click):
            event(on_message, [box, *asking], [box, *shown], **turns)
        for part in (talk, panel):
            part.click(on_click, asking, shown, trigger_mode="multiple", **turns)
        fresh.click(on_fresh, asking, shown, **quiet)
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

    def language(self, chosen: str | None, request) -> str:
        """The language of the page: what was chosen by hand, else what the browser asks for, else the settings' one."""
        from assistant.languages import WORDS, preferred

        return chosen if chosen in WORDS else preferred(request.headers.get("accept-language", ""), self.assistant.settings.language)

    def open(self, key: str, language: str, request) -> tuple[str, str, str]:
        user, key = self.user(key, request)
        return self._drawn(user, key, language)

    def new(self, key: str, language: str, request) -> tuple[str, str, str]:
        user, key = self.user(key, request)
        self.assistant.new_conversation(user)
        return self._drawn(user, key, language)

    def redraw(self, key: str, language: str, request) -> Iterator[tuple[str, str, str]]:
        """The page in another language, once a turn that is being answered is over."""
        user, key = self.user(key, request)
        yield from self._in_turn(user, key, language, lambda: iter([self._drawn(user, key, language)]))

    def say(self, text: str, key: str, language: str, request) -> Iterator[tuple[str, str, str]]:
        """A typed message. An empty one only draws the page again."""
        user, key = self.user(key, request)
        text = (text or "").strip()[:MOST_CHARACTERS]
        if not text:
            yield self._drawn(user, key, language)
            return
        yield from self._in_turn(
            user, key, language, lambda: self._played(user, key, language, "user", text, self.assistant.stream(user, text, language))
        )

    def click(self, action: str, ref: str, text: str, key: str, language: str, request) -> Iterator[tuple[str, str, str]]:
        """A click on a button of the page; one that means nothing only draws it again."""
        if action == "say":
            yield from self.say(text, key, language, request)
            return
        user, key = self.user(key, request)
        yield from self._in_turn(user, key, language, lambda: self._click(user, key, language, action, ref, text))

    def _in_turn(self, user: str, key: str, language: str, turn) -> Iterator[tuple[str, str, str]]:
        """What the turn draws, after the earlier ones of the person; what goes wrong is drawn as a notice."""
        from assistant.errors import AssistantError
        from assistant.page_words import PAGE_WORDS
        from assistant.turns import TooManyTurns
        from store.errors import StoreError

        words = PAGE_WORDS[language]
        try:
            yield from self._turns.run(user, turn)
            return
        except TooManyTurns:
            notice = words.too_many
        except (AssistantError, StoreError, ValueError) as error:
            notice = words.failed.format(error)
        yield self._drawn(user, key, language, notice=notice)

    def _click(self, user: str, key: str, language: str, action: str, ref: str, text: str) -> Iterator[tuple[str, str, str]]:
        events = self._clicked(user, language, action, ref, text)
        yield from self._played(user, key, language, "click", "", events) if events is not None else (self._drawn(user, key, language),)

    def _clicked(self, user: str, language: str, action: str, ref: str, text: str):
        if action == "undo":
            return self.assistant.undo(user, language)
        if not ref.isdigit():
            return None
        if action in ("like", "dislike", "seen"):
            known = self.assistant.profile(user).get(("item", ref))
            return self.assistant.react(user, int(ref), None if known and known.role == action else action, language)
        if action == "why":
            return self.assistant.why(user, int(ref), language)
        if action == "alike":
            return self.assistant.more_like(user, int(ref), language)
        if action in ("less", "more", "wrong"):
            return self.assistant.steer(user, int(ref), action, language)
        if action == "strength" and text.isdigit():
            return self.assistant.set_strength(user, int(ref), int(text) / 100, language)
        return self.assistant.remove(user, int(ref), language) if action == "remove" else None

    def _played(self, user: str, key: str, language: str, role: str, text: str, events) -> Iterator[tuple[str, str, str]]:
        """The page while a turn is answered: the message at once, cards before prose, then the page as it is stored."""
        from assistant import cards

        before = self.assistant.history(user)
        profile = self.assistant.profile(user)
        told, shown = cards.told(before, language=language), cards.latest([t.recommendations for t in before])
        mine = cards.message(role, text, language=language) if text else ""
        side = self._panel(profile, before, language)

        def drawn(answer: str) -> tuple[str, str, str]:
            return cards.talk(f"{told}{mine}{answer}", language), side, key

        yield drawn(cards.message("assistant", "", busy=True, language=language))
        picks, reasons, reruns, prose, reply = (), (), (), "", None
        for event in events:
            if event.kind == "understood":
                side = cards.panel(self.assistant.profile(user), self.assistant.strengths(user), language=language)
            elif event.kind == "picks":
                picks, reasons = event.recommendations, event.reasons
                told = cards.told(before, replaced=role == "click", language=language)
            elif event.kind == "text":
                prose += event.text
            elif event.kind == "done":
                reply, reruns = event.reply, event.reply.reruns
            yield drawn(cards.message(
                "assistant", prose, picks, reasons, reruns=reruns, before=shown, busy=event.kind != "done", language=language
            ))
        yield self._drawn(user, key, language, reply.suggestions if reply else ())

    def _drawn(self, user: str, key: str, language: str, suggestions=(), notice: str = "") -> tuple[str, str, str]:
        from assistant import cards

        profile = self.assistant.profile(user)
        turns = self.assistant.history(user)
        suggestions = suggestions or self.assistant.choices(user, language)
        talk = cards.conversation(turns, self._starters, suggestions, notice or self._notice(language), profile, language)
        return talk, self._panel(profile, turns, language), key

    def _panel(self, profile, turns, language: str) -> str:
        """The profile, its chart in the colours that the latest cards use for the same causes."""
        from assistant import cards, charts

        picks = cards.latest([t.recommendations for t in turns])
        chart = charts.of_profile(profile, self.assistant.recommender.recency(profile), cards.hues(picks), language)
        return cards.panel(profile, self.assistant.strengths(profile.user), chart, language)

    def _notice(self, language: str) -> str:
        from assistant.page_words import PAGE_WORDS

        words = PAGE_WORDS[language]
        if problem := self.assistant.engine_problem:
            return words.no_model.format(problem)
        return "" if self.assistant.engine_ready or self.assistant.settings.engine_name == "none" else words.loading


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
