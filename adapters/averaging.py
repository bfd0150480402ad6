"""Two adapters of one line of training, averaged.

Further training brings the wordings that it shows closer and drifts from others; the mean of the weights before and after keeps much of both
(Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, section 3). A and B of each LoRA pair are averaged by themselves, so the
result has the rank of its parts; that fits adapters of which one was trained on from the other, and no others.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from adapters.errors import ExportError
from adapters.export import peft_tensors


def average(later: Path, earlier: Path, weight: float, out: Path) -> Path:
    """Writes `weight` of the adapter `later` and the rest of `earlier` as PEFT's form into `out`, with the training.json of `later`, and
    returns `out`.

    weight: in [0, 1]. Raises ExportError when a folder holds no whole adapter, or the two are not of one rank and one base.
    """
    if not 0 <= weight <= 1:
        raise ExportError(f"a weight of {weight:g} is no share; give one from 0 to 1")
    (mine, settings), (theirs, others) = peft_tensors(later), peft_tensors(earlier)
    if {k: t.shape for k, t in mine.items()} != {k: t.shape for k, t in theirs.items()} or settings.get("lora_alpha") != others.get("lora_alpha"):
        raise ExportError(f"{later} and {earlier} differ in rank, alpha or base; average adapters of which one was trained on from the other")
    mixed = {key: weight * mine[key].astype(np.float32) + (1 - weight) * theirs[key].astype(np.float32) for key in mine}
    try:
        out.mkdir(parents=True, exist_ok=True)
        save_file(mixed, out / "adapter_model.safetensors", metadata={"format": "pt"})
        shutil.copy(later / "adapter_config.json", out)
        if (later / "training.json").is_file():
            training = json.loads((later / "training.json").read_text("utf-8"))
            training |= {"averaged": {"weight": weight, "with": "an adapter that it was trained on from"}}
            (out / "training.json").write_text(json.dumps(training, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise ExportError(f"{out} cannot be written ({error}); name another folder with --out") from error
    return out
