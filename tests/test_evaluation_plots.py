"""Pictures of figures: what is drawn, and what cannot be."""

import pytest

from assistant.errors import AssistantError
from assistant.evaluation.plots import Panel, draw

ROWS = Panel("NDCG@10", {"tellwhy": [(0.13, 0.12, 0.15)], "ease": [(0.12, 0.1, 0.13)]}, ours="tellwhy")
LINES = Panel("Recall@50", {"tellwhy": [(0.1, 0.05, 0.2), (0.3, 0.2, 0.4)], "als": [(0.0, 0.0, 0.0), (0.2, 0.1, 0.3)]}, ["0", "1"], "ratings told")


def test_names_titles_and_places_are_in_the_picture_and_it_is_the_same_again(tmp_path):
    first, again = tmp_path / "first.svg", tmp_path / "again.svg"
    for path in (first, again):
        draw([ROWS, LINES], path)
    drawn = first.read_text()
    for said in ("NDCG@10", "Recall@50", "tellwhy", "ease", "als", "ratings told"):
        assert f"<!-- {said} -->" in drawn
    assert drawn == again.read_text()


def test_one_panel_and_a_picture_of_pixels(tmp_path):
    draw([LINES], tmp_path / "lines.png")
    assert (tmp_path / "lines.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["no/such/folder.svg", "figures.doc"])
def test_where_nothing_can_be_drawn_the_path_is_named(tmp_path, name):
    with pytest.raises(AssistantError, match=name.rpartition("/")[2]):
        draw([ROWS], tmp_path / name)
