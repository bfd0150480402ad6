"""SASRec (Kang and McAuley 2018), a Transformer over the order in which films were liked.

The network is Cornac's. Its own training encodes every beginning of every sequence on its own, minutes an epoch for the
default catalog; here a sequence is encoded once and all its places are trained at once, as in the paper. Each batch draws
NEGATIVES films that all its places are told from by a softmax, which ranks better than the one film a place of the paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from assistant.evaluation.splits import LIKED, Split

SEED = 1
BATCH = 64
EVERY = 10
"""Epochs after which the model on the way is judged."""
NEGATIVES = 1000
PEOPLE = 256
"""Sequences encoded at a time when ranking."""


@dataclass(frozen=True, slots=True)
class SasRec:
    """factors: the width of an embedding; length: films looked back at; dropout: the share left out while training."""

    factors: int = 64
    length: int = 100
    dropout: float = 0.3
    epochs: int = 60
    blocks: int = 2
    learning_rate: float = 0.001

    def fits(self, split: Split) -> Iterator[tuple[SasRec, object]]:
        """Yields itself as it is every EVERY epochs, and at the end."""
        import torch

        films = len(split.item_ids)
        sequences = _sequences(split)
        before, after = _windows(sequences, self.length, films)
        torch.manual_seed(SEED)
        network, encode = self._network(films)
        optimiser = torch.optim.Adam(network.parameters(), lr=self.learning_rate, betas=(0.9, 0.98))
        before, after = torch.from_numpy(before), torch.from_numpy(after)
        drawn_from = torch.from_numpy(np.unique(np.concatenate([*sequences, np.zeros(0, dtype=np.int64)])))
        for epoch in range(1, self.epochs + 1):
            network.train()
            for batch in torch.randperm(len(before)).split(BATCH):
                wanted = after[batch]
                there = wanted != films
                loss = _loss(encode(before[batch])[there], wanted[there], network.item_emb, drawn_from)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
            if epoch % EVERY == 0 or epoch == self.epochs:
                network.eval()
                yield replace(self, epochs=epoch), lambda rows: self._scores(network, encode, sequences, rows)

    def _network(self, films: int):
        """Cornac's network, and a function from sequences to what it makes of every place of them: the network itself gives
        the last place only."""
        from cornac.models.sasrec.sasrec import SASRecModel

        network = SASRecModel(
            films, embedding_dim=self.factors, maxlen=self.length, n_layers=self.blocks, n_heads=1, use_biases=False,
            dropout=self.dropout, pad_idx=films,
        )
        seen = []
        network.last_layernorm.register_forward_hook(lambda module, given, made: seen.append(made))

        def encode(sequences):
            seen.clear()
            network(None, sequences, sequences[:0, 0])
            return seen.pop()

        return network, encode

    def _scores(self, network, encode, sequences: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
        import torch

        films = network.item_num
        last = np.stack([_padded(sequences[row], self.length, films) for row in rows])
        with torch.no_grad():
            parts = [encode(part)[:, -1] @ network.item_emb.weight[:films].T for part in torch.from_numpy(last).split(PEOPLE)]
        return torch.cat(parts).numpy()


def _loss(made, wanted, embedding, drawn_from):
    """Cross-entropy of the film that came next against films drawn by chance; where the drawn one is the wanted one it is
    left out."""
    import torch

    negatives = drawn_from[torch.randint(len(drawn_from), (NEGATIVES,))]
    right = (made * embedding(wanted)).sum(dim=1, keepdim=True)
    wrong = (made @ embedding(negatives).T).masked_fill(wanted[:, None] == negatives, -torch.inf)
    return torch.nn.functional.cross_entropy(torch.cat([right, wrong], dim=1), torch.zeros_like(wanted))


def _sequences(split: Split) -> list[np.ndarray]:
    """The columns of what each person liked, in the order of time."""
    which = split.known & (split.rating >= LIKED)
    ends = np.searchsorted(split.row[which], np.arange(1, split.people))
    return np.split(split.column[which], ends)


def _windows(sequences: list[np.ndarray], length: int, padding: int) -> tuple[np.ndarray, np.ndarray]:
    """Pieces of the sequences of up to `length` films and, place by place, the film that came next."""
    before, after = [], []
    for sequence in sequences:
        for end in range(len(sequence), 1, -length):
            start = max(0, end - 1 - length)
            before.append(_padded(sequence[start : end - 1], length, padding))
            after.append(_padded(sequence[start + 1 : end], length, padding))
    shape = (-1, length)
    return np.array(before, dtype=np.int64).reshape(shape), np.array(after, dtype=np.int64).reshape(shape)


def _padded(sequence: np.ndarray, length: int, padding: int) -> np.ndarray:
    """The last `length` films, at the end."""
    found = np.full(length, padding, dtype=np.int64)
    if len(sequence):
        found[-min(len(sequence), length) :] = sequence[-length:]
    return found
