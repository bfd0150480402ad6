"""Two adapters of one line of training, averaged.

Further training brings the wordings that it shows closer and drifts from others; the mean of the weights before and after keeps much of both
(Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, section 3). A and B of each LoRA pair are averaged by themselves, so the
result has the rank of its parts; that fits adapters of which one was trained on from the other, and no others.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import save_file

from adapters.errors import ExportError
from adapters.export import peft_tensors


def average(later: Path, earlier: Path, weight: float, out: Path) -> Path:
    """Writes `weight` of the adapter `later` and the rest of `earlier` as PEFT's form into `out`, with the training.json of `later`, and
    returns `out`.

    weight: in [0, 1]. Raises ExportError when a folder holds no whole adapter, the two are not of one rank and one base, or `out` cannot
    be written; what `out` held before is then still there.
    """
    if not 0 <= weight <= 1:
        raise ExportError(f"a weight of {weight:g} is no share; give one from 0 to 1")
    (mine, settings), (theirs, others) = peft_tensors(later), peft_tensors(earlier)
    if {k: t.shape for k, t in mine.items()} != {k: t.shape for k, t in theirs.items()} or settings.get("lora_alpha") != others.get("lora_alpha"):
        raise ExportError(f"{later} and {earlier} differ in rank, alpha or base; average adapters of which one was trained on from the other")
    mixed = {key: weight * mine[key].astype(np.float32) + (1 - weight) * theirs[key].astype(np.float32) for key in mine}
    partial = out / ".partial"
    try:
        partial.mkdir(parents=True, exist_ok=True)
        save_file(mixed, partial / "adapter_model.safetensors", metadata={"format": "pt"})
        (partial / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n", "utf-8")
        if (later / "training.json").is_file():
            training = json.loads((later / "training.json").read_text("utf-8"))
            training |= {"averaged": {"weight": weight, "with": "an adapter that it was trained on from"}}
            (partial / "training.json").write_text(json.dumps(training, indent=1) + "\n", "utf-8")
        for path in partial.iterdir():
            os.replace(path, out / path.name)
    except json.JSONDecodeError as error:
        raise ExportError(f"{later / 'training.json'} is broken ({error}); copy it again or take it away") from error
    except (OSError, SafetensorError) as error:
        raise ExportError(f"{out} cannot be written ({error}); make room or name another folder with --out") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out
