"""The command line of the adapters: `python -m adapters data|train|average|export|evaluate`. Progress goes to
standard error."""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
from dataclasses import asdict, replace
from pathlib import Path

from adapters.data import SEED, distribution, examples
from adapters.errors import AdapterError, TrainingError
from adapters.evaluation import LANGUAGES, SYSTEMS as READERS
from assistant.errors import AssistantError
from assistant.llm.engine import ADAPTERS_FOLDER, adapters_for
from assistant.llm.models import base_name, find_model
from store.catalog import Catalog
from store.database import Database
from store.errors import StoreError


TASKS = ("understand", "explain", "rank")


def main(arguments: list[str] | None = None) -> int:
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(message)s", datefmt="%H:%M:%S"
    )
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except (AdapterError, AssistantError, StoreError) as error:
        print(f"adapters: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m adapters", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = _command(commands, "data", _data, "write training messages and what they are made of")
    command.add_argument(
        "--show", type=int, default=40, metavar="N", help="messages to print, at random (default 40)"
    )
    command.add_argument(
        "--of", type=int, default=4000, metavar="N", help="messages to count over (default 4000)"
    )
    command.add_argument("--held-out", action="store_true", help="validation messages instead")
    command.add_argument("--language", choices=("en", "zh"), help="messages or explanations in this one only (default: both)")
    command.add_argument("--task", choices=TASKS, default="understand", help="default: understand")

    command = _command(commands, "train", _train, "train an adapter (needs torch, transformers, peft)")
    command.add_argument("task", choices=TASKS)
    command.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the adapter")
    command.add_argument(
        "--n", type=int, help="examples to train on, once each (default 12000 messages, 3000 explanations, 11000 judgements)"
    )
    command.add_argument("--steps", type=int, default=0, help="stop after so many steps, to try it out")
    command.add_argument("--learning-rate", type=float, default=5e-4)
    command.add_argument("--rank", type=int, help="of a new adapter's matrices; it is scaled by 2 whatever the rank (default 16)")
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    command.add_argument(
        "--continue-from", type=Path, help="adapter to start from; give another --seed for other messages"
    )
    _base(command)

    command = _command(commands, "average", _average, "mix an adapter with the one it was trained on from")
    command.add_argument("later", type=Path, help="folder of the adapter that was trained on")
    command.add_argument("earlier", type=Path, help="folder of the one it began as")
    command.add_argument("--weight", type=float, default=0.6, help="the share of the later one, 0 to 1 (default %(default)s)")
    command.add_argument("--out", type=Path, required=True, help="folder for the mean")

    command = _command(
        commands, "export", _export, "write a trained adapter as it is committed, GGUF included"
    )
    command.add_argument("task", choices=TASKS)
    command.add_argument("--adapter", type=Path, required=True, help="folder that `train` wrote")
    command.add_argument(
        "--out", type=Path, help="default: where the assistant looks for it, adapters/weights/BASE/TASK"
    )
    _base(command)

    command = _command(
        commands,
        "evaluate",
        _evaluate,
        "read held-out messages with the served model, with and without its adapter, and by rules; or judge (rank) what held-out "
        "people like; one JSON object",
    )
    command.add_argument("task", nargs="?", choices=("understand", "rank"), default="understand", help="default: understand")
    command.add_argument("--n", type=int, default=200, help="messages of each language (default 200)")
    command.add_argument("--each", type=int, default=16, help="rank: pairs of each person and part (default 16)")
    command.add_argument(
        "--rerank", type=int, default=0, metavar="PEOPLE", help="rank: whether it ranks better instead, for so many people"
    )
    command.add_argument("--systems", nargs="+", choices=READERS, default=READERS, help="default: all of them")
    command.add_argument("--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES, help="default: all")
    command.add_argument("--taught", action="store_true", help="understand: new messages in the wordings that training shows instead")
    command.add_argument(
        "--threads", type=int, default=0, help="for the model; 1 is quickest while other work runs (default: all)"
    )
    command.add_argument(
        "--wrong", type=int, default=0, metavar="N", help="print so many misread messages of each to standard error"
    )
    _base(command)
    return parser


def _command(commands, name: str, run, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.add_argument(
        "--db", type=Path, default=Path("tellwhy.db"), help="database with the catalog (default %(default)s)"
    )
    command.add_argument("--seed", type=int, default=SEED)
    command.set_defaults(run=run)
    return command


def _base(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--base", type=Path, help="GGUF of the base model (default: the one that the assistant serves)"
    )


def _data(options: argparse.Namespace) -> int:
    if options.task == "explain":
        from adapters.sentences import distribution as told, pairs

        made = list(pairs(_catalog(options), options.of, seed=options.seed, held_out=options.held_out, language=options.language))
        counted = told
    elif options.task == "rank":
        from adapters import likes

        made, counted = list(likes.examples(_catalog(options), options.of, seed=options.seed, held_out=options.held_out)), likes.distribution
    else:
        made = list(examples(_catalog(options), options.of, seed=options.seed, held_out=options.held_out, language=options.language))
        counted = distribution
    for example in random.Random(options.seed).sample(made, min(options.show, len(made))):
        print(f"{example.prompt}{example.answer}\n")
    print(json.dumps(counted(made), indent=1, ensure_ascii=False))
    return 0


def _train(options: argparse.Namespace) -> int:
    from adapters.bases import dequantised
    from adapters.training import PLANS, train

    if options.rank is not None and options.continue_from:
        raise TrainingError(f"--rank {options.rank}: an adapter that goes on keeps its rank; leave out --rank or --continue-from")
    usual = PLANS[options.task]
    rank = usual.rank if options.rank is None else options.rank
    plan = replace(
        usual, n=usual.n if options.n is None else options.n, seed=options.seed, learning_rate=options.learning_rate,
        threads=options.threads, steps=options.steps, rank=rank, alpha=2 * rank,
    )
    figures = train(
        plan,
        _catalog(options),
        dequantised(_gguf(options)),
        options.out,
        resume=options.resume,
        continue_from=options.continue_from,
    )
    print(json.dumps(asdict(figures)))
    return 0


def _average(options: argparse.Namespace) -> int:
    from adapters.averaging import average

    print(average(options.later, options.earlier, options.weight, options.out))
    return 0


def _export(options: argparse.Namespace) -> int:
    from adapters.export import publish

    base = _gguf(options)
    print(publish(options.adapter, options.out or ADAPTERS_FOLDER / base_name(base) / options.task, base))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    return _evaluate_rank(options) if options.task == "rank" else _evaluate_understand(options)


def _evaluate_rank(options: argparse.Namespace) -> int:
    from adapters import judging, reranking
    from assistant.llm.llamacpp import LlamaCppEngine

    base = _gguf(options)
    engine = LlamaCppEngine(base, adapters_for(base_name(base)), threads=options.threads)
    try:
        if options.rerank:
            results = reranking.evaluate(engine, Database(options.db), options.rerank, seed=options.seed, progress=logging.info)
        else:
            found = judging.evaluate(engine, _catalog(options), options.each, seed=options.seed, progress=logging.info)
            results = {part: {name: one.metrics() for name, one in systems.items()} for part, systems in found.items()}
    finally:
        engine.close()
    print(json.dumps(results, indent=1))
    return 0


def _evaluate_understand(options: argparse.Namespace) -> int:
    from adapters.evaluation import evaluate
    from assistant.llm.llamacpp import LlamaCppEngine

    catalog, engine = _catalog(options), None
    if set(options.systems) != {"linker"}:
        base = _gguf(options)
        engine = LlamaCppEngine(base, adapters_for(base_name(base)), threads=options.threads)
    try:
        results = evaluate(
            engine,
            catalog,
            options.n,
            seed=options.seed,
            systems=options.systems,
            languages=options.languages,
            taught=options.taught,
            progress=logging.info,
        )
    finally:
        if engine:
            engine.close()
    for name, scores in results.items():
        for prompt, right, given in scores.wrong[: options.wrong]:
            print(f"{name}\n{prompt}{given}\n  right: {right}\n", file=sys.stderr)
    print(json.dumps({name: scores.metrics() for name, scores in results.items()}))
    return 0


def _catalog(options: argparse.Namespace) -> Catalog:
    return Catalog(Database(options.db))


def _gguf(options: argparse.Namespace) -> Path:
    return find_model(str(options.base or ""))


if __name__ == "__main__":
    sys.exit(main())
