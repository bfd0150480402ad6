"""How well likes are told from dislikes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import rankdata


def auc(scores: Sequence[float] | np.ndarray, likes: Sequence[bool] | np.ndarray) -> float:
    """The chance that a like scores above a dislike, ties counting half; nan where there are none of either."""
    likes = np.asarray(likes, dtype=bool)
    yes, no = int(likes.sum()), int((~likes).sum())
    if not yes or not no:
        return float("nan")
    ranks = rankdata(np.asarray(scores, dtype=float))
    return float((ranks[likes].sum() - yes * (yes + 1) / 2) / (yes * no))
