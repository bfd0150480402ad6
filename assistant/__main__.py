"""The command line: chat in a terminal, picks without a model, and the evaluations.

    python -m assistant chat [--json | --markdown] [--db PATH] [--user NAME]
    python -m assistant recommend [-n 10] [--ranker] [--json]
    python -m assistant evaluate ranking|ablation|coldstart|drift|dialogues|understanding|explanations|speed [--json]
    python -m assistant evaluate ranking [--split time] [--quick] [--dataset FOLDER] [--out FILE]
    python -m assistant evaluate explanations --fidelity [--n 500] [--seed 1]
    python -m assistant evaluate dialogues [--n 300] [--seed 1] [--quick] [--fit] [--out FILE]

Answers go to standard output, progress and errors to standard error.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from assistant.conversation import Assistant
from assistant.errors import AssistantError
from assistant.export import contribution_row, recommendation_row, reply_markdown, reply_row
from assistant.ranker import SOURCE
from assistant.settings import Settings, add_arguments
from store.errors import StoreError


MARKDOWN_HEAD = """# A conversation

Every answer as it came, made by `python -m assistant chat --markdown < docs/conversation.txt` for a person of whom nothing was known. It shows
what TellWhy does well and where it ends: some messages are misread or not understood, and are left in.
"""


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="python -m assistant", description=__doc__.splitlines()[0])
    commands = main.add_subparsers(dest="command", required=True)

    chat = commands.add_parser("chat", help="talk in the terminal; with --json one JSON object out for each line in")
    chat.add_argument("--user", default="me", help="whose profile to use (default: me)")
    form = chat.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a turn")
    form.add_argument("--markdown", action="store_true", help="a page of the conversation, as in docs/conversation.md")
    add_arguments(chat)

    recommend = commands.add_parser("recommend", help="picks for a profile, no language model involved")
    recommend.add_argument("--user", default="me")
    recommend.add_argument("-n", type=int, default=10, help="how many (default: 10)")
    recommend.add_argument("--ranker", action="store_true", help="add what the language model says of the best films: seconds on a CPU")
    recommend.add_argument("--json", action="store_true")
    add_arguments(recommend)

    evaluate = commands.add_parser("evaluate", help="measure a part; prints a table, or one JSON object with --json")
    evaluate.add_argument("what", choices=("ranking", "ablation", "coldstart", "drift", "dialogues", "understanding", "explanations", "speed"))
    evaluate.add_argument("--json", action="store_true")
    evaluate.add_argument("--show", type=int, default=0, metavar="N", help="list up to N errors (understanding)")
    evaluate.add_argument("--fidelity", action="store_true", help="what becomes of picks without what explains them (explanations)")
    evaluate.add_argument("--fit", action="store_true", help="try other constants of when and what to ask, on earlier ratings (dialogues)")
    evaluate.add_argument("--n", type=int, metavar="N", help="how many picks (explanations; default: 500) or conversations (dialogues; 300, with --fit 200 for each setting)")
    evaluate.add_argument("--seed", type=int, default=1, help="for what is drawn by chance (explanations, dialogues; default: 1)")
    add_report_arguments(evaluate)
    add_arguments(evaluate)
    return main


def add_report_arguments(evaluate: argparse.ArgumentParser) -> None:
    """What only the evaluations with a report take."""
    reports = evaluate.add_argument_group("ranking, ablation, coldstart, drift and dialogues")
    reports.add_argument("--quick", action="store_true", help="two minutes instead of twenty: few parameters, little training, few conversations")
    reports.add_argument("--split", choices=("person", "time"), default="person", help="what is held out (ranking; default: person)")
    reports.add_argument("--dataset", type=Path, metavar="FOLDER", help="an unpacked MovieLens set instead of the catalog's ratings")
    reports.add_argument("--people", type=int, metavar="N", help="only so many people of the set, drawn by chance")
    reports.add_argument("--min-ratings", type=int, default=1, metavar="N", help="only films that so many of these rated (default: 1)")
    reports.add_argument("--out", type=Path, metavar="FILE", help="also write everything as JSON")
    reports.add_argument("--plot", type=Path, metavar="FILE", help="also draw it: .svg or .png")


def main(argv: list[str] | None = None) -> int:
    arguments = parser().parse_args(argv)
    try:
        settings = Settings.from_arguments(arguments)
        return {"chat": chat, "recommend": recommend, "evaluate": evaluate}[arguments.command](arguments, settings)
    except (AssistantError, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


def chat(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.markdown:
        print(MARKDOWN_HEAD, flush=True)
    with Assistant.open(settings.db, settings=settings) as assistant:
        for line in _lines(prompt=not (arguments.json or arguments.markdown)):
            if arguments.json:
                print(json.dumps(reply_row(assistant.reply(arguments.user, line)), ensure_ascii=False), flush=True)
            elif arguments.markdown:
                print(reply_markdown(line, assistant.reply(arguments.user, line)), flush=True)
            else:
                _print_turn(assistant, arguments.user, line)
    return 0


def _lines(prompt: bool) -> Iterable[str]:
    """Messages from standard input; a prompt is shown only to a person."""
    shown = prompt and sys.stdin.isatty()
    if shown:
        print("TellWhy. Say what you like, ask why; Ctrl-D ends.\n")
    while True:
        if shown:
            print("you> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line.rstrip("\n")


def _print_turn(assistant: Assistant, user: str, line: str) -> None:
    if not sys.stdin.isatty():
        print(f"you> {line}")
    for event in assistant.stream(user, line):
        if event.kind == "picks":
            for pick, reason in zip(event.recommendations, event.reasons):
                print(f"  {pick.rank}. {pick.item.name}  [{pick.score:+.3f}]  {reason}")
        elif event.kind == "text":
            print(event.text, end="", flush=True)
    print("\n")


def recommend(arguments: argparse.Namespace, settings: Settings) -> int:
    with Assistant.open(settings.db, settings=settings, load_engine=arguments.ranker) as assistant:
        picks = (assistant.reranked if arguments.ranker else assistant.recommend)(arguments.user, n=arguments.n)
        shares = assistant.estimates(arguments.user, picks[0].item.id) if arguments.ranker and picks and not arguments.json else []
    if arguments.json:
        print(json.dumps([recommendation_row(p) for p in picks], ensure_ascii=False))
        return 0
    for pick in picks:
        print(f"{pick.rank:3}. {pick.item.name}  {pick.score:+.4f}")
        for c in pick.contributions:
            row = contribution_row(c)
            print(f"       {row['value']:+.4f}  {row['source']}: {row['label']}")
            if pick is picks[0] and c.source == SOURCE:
                for share in shares:
                    print(f"                estimated {share.points:+.4f}  {share.preference.label}")
    return 0


def evaluate(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.evaluation import REPORTED, run

    if arguments.fit and arguments.what != "dialogues":
        raise AssistantError(f"--fit tries the constants of asking, in dialogues, not {arguments.what}: evaluate dialogues --fit")
    if arguments.what in (*REPORTED, "dialogues") and not arguments.fidelity:
        return report(arguments, settings)
    results = run(
        arguments.what, settings, show=arguments.show, fidelity=arguments.fidelity, n=arguments.n, seed=arguments.seed, progress=sys.stderr
    )
    if arguments.json:
        print(json.dumps(results))
        return 0
    if arguments.fidelity:
        from assistant.evaluation.fidelity import table

        print(table(results))
        return 0
    for system, metrics in results.items():
        print(system)
        for name, value in metrics.items():
            print(f"    {name:28} {value:.4f}" if isinstance(value, float) else f"    {name:28} {value}")
    return 0


def report(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.evaluation import fit_manners, report, simulate
    from assistant.evaluation.ranking import Options

    if arguments.what == "dialogues":
        if arguments.dataset:
            raise AssistantError("dialogues need people, themes and years of films, which a --dataset has not; leave it out")
        if arguments.fit:
            found = fit_manners(settings, arguments.n, arguments.seed, progress=sys.stderr)
        else:
            found = simulate(settings, arguments.n, arguments.seed, quick=arguments.quick, progress=sys.stderr)
    else:
        options = Options(
            by=arguments.split, quick=arguments.quick, dataset=arguments.dataset, people=arguments.people, least=arguments.min_ratings
        )
        found = report(arguments.what, settings, options, sys.stderr)
    print(json.dumps(found.metrics) if arguments.json else found.text, flush=True)  # first, or a wrong path would lose minutes of work
    if arguments.out:
        found.write(arguments.out)
    if arguments.plot:
        from assistant.evaluation.plots import draw

        draw(found.panels, arguments.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
