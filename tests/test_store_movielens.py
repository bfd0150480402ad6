"""MovieLens folders in each official layout, written here, and everything that can be wrong with one."""

import numpy as np
import pytest

from store.errors import ImportFailed
from store.importers import movielens
from store.importers.movielens import read_movielens_folder

GENRES_100K = ("unknown", "Action", "Children's", "Comedy")


def folder_100k(folder):
    """u.data and u.item as GroupLens lays them out: tabs, pipes, Latin-1, a flag for each genre."""
    (folder / "u.genre").write_text("".join(f"{name}|{n}\n" for n, name in enumerate(GENRES_100K)) + "\n", "latin-1")
    films = (
        "1|Matrix, The (1999)|01-Jan-1999||http://x|0|1|0|0",
        "2|Misérables, Les (1995)|01-Jan-1995||http://x|0|0|1|1",
        "267|unknown||||1|0|0|0",
    )
    (folder / "u.item").write_text("\n".join(films) + "\n", "latin-1")
    (folder / "u.data").write_text("196\t2\t3\t881250949\n22\t1\t5\t878887116\n196\t1\t4\t881250900\n")


def folder_dat(folder, encoding="latin-1", ratings="2::1::5::978300760\n1::2::3::978302109\n1::1::4.5::978301968\n"):
    films = "1::Amélie (Fabuleux destin d'Amélie Poulain, Le) (2001)::Children's|Comedy\n2::Heat (1995)::Action\n"
    (folder / "movies.dat").write_text(films, encoding)
    (folder / "ratings.dat").write_text(ratings)


def folder_csv(folder, ratings="1,2,3.5,1112486027\n1,1,0.5,1112484676\n"):
    films = (
        'movieId,title,genres\n1,"American President, The (1995)",Comedy|IMAX\n2,千と千尋 (2001),Animation\n'
        '3,Big Bang (2007-),(no genres listed)\n4,"Says ""Hi"" ",Drama\n5,Run (2011-2019),Drama|Drama\n'
    )
    (folder / "movies.csv").write_text(films, "utf-8")
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + ratings)


def told(films):
    return [(f.id, f.title, f.year, f.genres) for f in films]


def test_the_100k_layout(tmp_path):
    folder_100k(tmp_path)
    films, ratings = read_movielens_folder(tmp_path)
    assert told(films) == [
        (1, "The Matrix", 1999, ("Action",)), (2, "Les Misérables", 1995, ("Children", "Comedy")), (267, "unknown", None, ()),
    ]
    assert [column.tolist() for column in ratings] == [
        [22, 196, 196], [1, 1, 2], [5.0, 4.0, 3.0], [878887116, 881250900, 881250949],
    ]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_the_1m_and_10m_layout_in_both_encodings(tmp_path, encoding):
    folder_dat(tmp_path, encoding)
    films, ratings = read_movielens_folder(tmp_path)
    assert told(films) == [(1, "Amélie", 2001, ("Children", "Comedy")), (2, "Heat", 1995, ("Action",))]
    assert films[0].aliases == ("Le Fabuleux destin d'Amélie Poulain",)
    assert [column.tolist() for column in ratings] == [[1, 1, 2], [1, 2, 1], [4.5, 3.0, 5.0], [978301968, 978302109, 978300760]]


def test_the_csv_layout_of_20m_and_later(tmp_path):
    folder_csv(tmp_path)
    (tmp_path / "links.csv").write_text("movieId,imdbId,tmdbId\n1,2,3\n")
    films, ratings = read_movielens_folder(tmp_path)
    assert told(films) == [
        (1, "The American President", 1995, ("Comedy",)), (2, "千と千尋", 2001, ("Animation",)), (3, "Big Bang", 2007, ()),
        (4, 'Says "Hi"', None, ("Drama",)), (5, "Run", 2011, ("Drama",)),
    ]
    assert [column.tolist() for column in ratings] == [[1, 1], [1, 2], [0.5, 3.5], [1112484676, 1112486027]]


def test_ratings_are_read_in_pieces_and_lines_are_counted_through_them(tmp_path, monkeypatch):
    monkeypatch.setattr(movielens, "CHUNK", 3)
    lines = [f"{n % 4},{1 + n % 5},{1 + n % 9 / 2},{n}" for n in range(10)]
    folder_csv(tmp_path, "\n".join(lines))
    _, ratings = read_movielens_folder(tmp_path)
    assert sorted(ratings[3].tolist()) == list(range(10)) and (np.diff(ratings[0]) >= 0).all()
    folder_csv(tmp_path, "\n".join((*lines[:8], "1,2,three,4", lines[9])))
    with pytest.raises(ImportFailed, match=r"ratings\.csv, line 10 is no rating of 0\.5 to 5: '1,2,three,4'"):
        read_movielens_folder(tmp_path)


@pytest.mark.parametrize("line", ["1,2,7,4", "1,2,0,4", "1,2,3", "1,2,3,4,5", "", "1,2,nan,4", "x,2,3,4", "1.5,2,3,4"])
def test_a_broken_rating_is_named_by_file_and_line(tmp_path, line):
    folder_csv(tmp_path, f"1,1,4,5\n{line}\n1,2,4,6\n")
    with pytest.raises(ImportFailed, match=r"ratings\.csv, line 3 is no rating"):
        read_movielens_folder(tmp_path)


def test_a_broken_film_is_named_by_file_and_line(tmp_path):
    folder_dat(tmp_path)
    movies = tmp_path / "movies.dat"
    good = movies.read_text("latin-1")
    for broken, said in (
        ("3::Alien (1979)\n", "has 2 fields instead of 3"), ("x::Alien (1979)::Horror\n", "line 3 is no film"),
        ("2::Alien (1979)::Horror\n", "has film 2 a second time"), ("3:: (1979)::Horror\n", "line 3 is no film"),
    ):
        movies.write_text(good + broken, "latin-1")
        with pytest.raises(ImportFailed, match=rf"movies\.dat, line 3.*{said.removeprefix('line 3 ')}"):
            read_movielens_folder(tmp_path)


def test_csv_films_in_another_encoding_and_without_their_names_are_said_so(tmp_path):
    folder_csv(tmp_path)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n1,Amélie (2001),Comedy\n", "latin-1")
    with pytest.raises(ImportFailed, match="is not in utf-8"):
        read_movielens_folder(tmp_path)
    (tmp_path / "movies.csv").write_text("1,Heat (1995),Action\n")
    with pytest.raises(ImportFailed, match="does not begin with movieId,title,genres"):
        read_movielens_folder(tmp_path)


def test_a_folder_that_is_none_or_not_whole(tmp_path):
    with pytest.raises(ImportFailed, match="no folder"):
        read_movielens_folder(tmp_path / "nowhere")
    with pytest.raises(ImportFailed, match="is no MovieLens set.*u.data and u.item"):
        read_movielens_folder(tmp_path)
    folder_csv(tmp_path)
    (tmp_path / "movies.csv").unlink()
    with pytest.raises(ImportFailed, match=r"has no movies\.csv"):
        read_movielens_folder(tmp_path)


def test_a_100k_folder_without_genres_names_them(tmp_path):
    folder_100k(tmp_path)
    (tmp_path / "u.genre").unlink()
    with pytest.raises(ImportFailed, match=r"no u\.genre"):
        read_movielens_folder(tmp_path)


def test_empty_files_and_ratings_of_unknown_films(tmp_path):
    folder_csv(tmp_path, "1,99,4,5\n")
    with pytest.raises(ImportFailed, match=r"rates film 99, which movies\.csv does not have"):
        read_movielens_folder(tmp_path)
    folder_csv(tmp_path, "")
    with pytest.raises(ImportFailed, match=r"ratings\.csv has no ratings"):
        read_movielens_folder(tmp_path)
    (tmp_path / "ratings.csv").write_text("")
    with pytest.raises(ImportFailed, match="does not begin with userId"):
        read_movielens_folder(tmp_path)
    folder_csv(tmp_path)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n")
    with pytest.raises(ImportFailed, match=r"movies\.csv has no films"):
        read_movielens_folder(tmp_path)


def test_a_set_is_evaluated_as_the_catalog_is(tmp_path, capsys):
    """The whole way: a folder in, tables out; everybody likes the films of their own half."""
    from assistant.__main__ import main

    rng = np.random.default_rng(1)
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n" + "".join(f"{n},Film {n} (2000),Drama\n" for n in range(1, 61)))
    rows = [f"{p},{1 + 30 * (p % 2) + f},5,{1000 * p + place}\n" for p in range(1, 41) for place, f in enumerate(rng.permutation(30)[:20])]
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n" + "".join(rows))
    arguments = ["evaluate", "ranking", "--quick", "--dataset", str(tmp_path), "--people", "30", "--min-ratings", "2"]
    assert main(arguments) == 0
    said = capsys.readouterr().out
    assert "600 people" not in said and "of 30 people on" in said and "| tellwhy" in said and str(tmp_path) not in said
