"""Tables: every cell is the statement's value, in every format."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relutheory.certificate import Enclosure
from relutheory.errors import DomainError, MissingExtraError, NoValueError, UnknownTheoremError
from relutheory.estimate import BinomialCount, Estimate
from relutheory.tables import Column, Outside, Table, parse_axis, table
from relutheory.tables.grid import Axes, SweptColumn, ValueColumn, value_columns
from relutheory.theorems import theorem

LOWER, UPPER, CHAIN = "born-dead-lower-bound-1d", "born-dead-upper-bound", "born-dead-lower-bound-1d-chain"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True),
    st.lists(st.integers(2, 40), min_size=1, max_size=3, unique=True),
    st.integers(1, 30),
)
def test_cells_are_the_values_of_the_statements(widths: list[int], depths: list[int], digits: int) -> None:
    found = table([LOWER, UPPER, CHAIN], N=widths, L=depths, digits=digits)
    assert len(found) == len(widths) * len(depths)
    for row in found:
        for id, cell in zip((LOWER, UPPER, CHAIN), row[2:], strict=True):
            assert cell.digits(digits) == theorem(id).evaluate(N=row[0], L=row[1], digits=digits).digits(
                digits
            )


@pytest.mark.parametrize("id", [LOWER, UPPER, CHAIN, "born-dead-single-point", "born-dead-width-limit"])
@settings(max_examples=8, deadline=None)
@given(
    first=st.integers(1, 6),
    length=st.integers(12, 40),
    widths=st.sets(st.integers(1, 40), min_size=1, max_size=2),
    digits=st.integers(1, 60),
)
def test_recurrence_and_single_evaluation_agree_digit_by_digit(
    id: str, first: int, length: int, widths: set[int], digits: int
) -> None:
    axes = Axes.of({"N": sorted(widths), "L": range(first, first + length)})
    (swept,) = value_columns([theorem(id)], axes, digits)
    assert isinstance(swept, SweptColumn)
    plain = ValueColumn(theorem(id), "value", axes, digits, {})
    for a, b in zip(swept, plain, strict=True):
        assert isinstance(a, Outside) == isinstance(b, Outside)
        assert a == b if isinstance(a, Outside) else a.digits(digits) == b.digits(digits)


def test_recurrence_works_whatever_the_order_of_the_axes() -> None:
    one = table(UPPER, N=[2, 3], L="2..20", digits=12)
    other = table(UPPER, L="2..20", N=[2, 3], digits=12)
    cells = {(n, depth): cell.digits(12) for n, depth, cell in one}
    assert {(n, depth): cell.digits(12) for depth, n, cell in other} == cells
    assert isinstance(other.column(UPPER).cells, SweptColumn)


def test_large_certified_tables_are_fast() -> None:
    start = time.perf_counter()
    found = table([LOWER, UPPER], N="1..64", L="1..1000", digits=50)
    elapsed = time.perf_counter() - start
    assert len(found) == 64_000
    assert found[63_999, LOWER].digits(50) == theorem(LOWER).evaluate(N=64, L=1000, digits=50).digits(50)
    # Well below a second on an idle core; the bound leaves room for a loaded one.
    assert elapsed < 3


def test_points_outside_the_domain_are_dashes_with_the_reason() -> None:
    found = table([LOWER, UPPER], N=[2, 0], L=[1, 3])
    assert isinstance(found[0, LOWER], Outside)
    assert isinstance(found[3, UPPER], Outside)
    assert found.notes[:2] == ("—: L must be an integer >= 2, got 1", "—: N must be an integer >= 1, got 0")
    assert found.csv().splitlines()[1] == "2,1,,"
    assert "—" in str(found)
    assert "{---}" in found.latex()
    assert json.loads(found.json())["rows"][0][LOWER] == {
        "value": None,
        "reason": "L must be an integer >= 2, got 1",
    }


def test_constraints_give_dashes_too() -> None:
    found = table("born-dead-law-free-cases", widths=[(1, 3, 2), (3, 3)])
    assert found[0, "law free cases"].exact == Fraction(11, 32)
    assert "must start with 1" in found[1, "law free cases"].reason


@pytest.mark.parametrize(
    ("ids", "axes", "words"),
    [
        ([UPPER], {"N": [2], "depth": [3]}, "has no parameter depth"),
        ([UPPER], {"N": [2], "Ls": [3]}, "has no parameter Ls"),
        ([UPPER], {"N": [2]}, "needs N and L together"),
        ([LOWER], {"N": [2], "L": [1]}, "L must be an integer >= 2, got 1"),
        ([LOWER], {"N": [0, -1], "L": range(2, 40)}, "N must be an integer >= 1, got 0"),
        ([LOWER, UPPER], {"N": [2], "L": range(-20, 2)}, "L must be an integer >= 2, got -20"),
        ([UPPER], {"N": [2], "L": [3], "widths": [(2, 2)]}, "either widths or N and L"),
        (["born-dead-max-depth"], {"N": [2], "delta": [0.1]}, "must be exact"),
        ([UPPER], {}, "at least one axis"),
        ([], {"N": [2]}, "at least one theorem"),
        ([UPPER], {"N": [], "L": [2]}, "N has no values"),
        ([UPPER], {"N": "x y", "L": [2]}, "is not a value"),
        ([UPPER], {"N": "5..2", "L": [2]}, "is not a range"),
    ],
)
def test_bad_axes_are_refused_in_one_line(ids: list[str], axes: dict[str, object], words: str) -> None:
    with pytest.raises(DomainError) as caught:
        table(ids, **axes)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_other_refusals() -> None:
    with pytest.raises(NoValueError):
        table("born-dead-event", N=[2])
    with pytest.raises(UnknownTheoremError):
        table("born-dead-uper-bound", N=[2], L=[2])
    with pytest.raises(DomainError, match="digits"):
        table(UPPER, N=[2], L=[2], digits=0)


def test_axes_are_read_from_values_and_texts() -> None:
    assert parse_axis("N", "2..4") == [2, 3, 4]
    assert parse_axis("delta", "0.1,1/3") == [Fraction(1, 10), Fraction(1, 3)]
    assert parse_axis("widths", "3,2,4") == [(3, 2, 4)]
    assert parse_axis("bias", "true,false") == [True, False]
    one = table(CHAIN, widths=(3, 2))
    assert [row[0] for row in one] == [(3, 2)]
    assert table(CHAIN, widths=["3,2", (5, 5)])[0, CHAIN].exact == one[0, CHAIN].exact
    flags = table("born-dead-lower-bound-any-dim", N=2, L=3, bias=[False, True])
    assert [row[2] for row in flags] == [False, True]
    assert flags[0, "lower bound any dim"].exact != flags[1, "lower bound any dim"].exact


def test_named_results_are_columns() -> None:
    found = table("born-dead-depth-rate", N=[2, 3], digits=20)
    assert [c.header for c in found.columns] == ["N", "rate", "low", "high"]
    assert [c.key for c in found.columns][1:] == [
        f"born-dead-depth-rate:{r}" for r in ("rate", "low", "high")
    ]
    assert found[0, "rate"].digits(20) == "0.28768207245178092744"
    assert found[0, "high"].exact == Fraction(13, 10)


def test_statements_ignore_axes_that_are_not_theirs() -> None:
    found = table(["born-dead-max-depth", UPPER], N=[3], L=[5, 6], delta="0.1")
    assert found[0, "L_max"] == found[1, "L_max"]
    assert found[0, UPPER] != found[1, UPPER]


def test_csv_and_json_round_trip() -> None:
    found = table([LOWER, "born-dead-depth-rate"], N=[2, 30], L=[2, 10], digits=15)
    rows = list(csv.DictReader(io.StringIO(found.csv())))
    data = json.loads(found.json())
    assert [c["name"] for c in data["columns"]] == list(rows[0])
    for row, plain, cells in zip(rows, data["rows"], found, strict=True):
        for (key, text), cell in zip(row.items(), cells, strict=True):
            if not isinstance(cell, Enclosure):
                assert text == str(plain[key]) == str(cell)
                continue
            assert text == plain[key]["value"] == cell.digits(15)
            assert plain[key]["digits"] == 15
            assert plain[key]["trust"] == cell.trust
            assert cell.agrees_with(text)
            exact = plain[key]["exact"]
            assert (exact is None) == (cell.exact is None)
            assert exact is None or Fraction(exact) == cell.exact


def test_small_values_are_scientific() -> None:
    found = table(LOWER, N=30, L=10, digits=6)
    assert found.csv().splitlines()[1] == "30,10,6.93889e-17"
    assert "table-format=1.5e-2" in found.latex()


def test_notes_and_caption_state_trust_and_conventions() -> None:
    found = table(UPPER, N=[5], L=[10])
    assert "L counts affine maps" in found.caption
    assert UPPER in found.caption
    assert any("exact rationals" in note for note in found.notes)
    swept = table(UPPER, N=[5], L="2..30")
    assert any("ball arithmetic" in note for note in swept.notes)
    designs = table("born-dead-max-depth", N=[5], delta="0.1")
    assert any("exact integers" in note for note in designs.notes)


def test_given_columns_with_estimates() -> None:
    run = Estimate(BinomialCount(7066, 10**4), seed=3)
    small = Estimate(BinomialCount(7, 10**6), seed=3)
    found = Table.from_columns(
        ["N", "simulated", "remark"], [[4, run, "a_b"], [9, small, "L >= 2"]], caption="c", notes=["n"]
    )
    text = found.latex()
    assert "0.707(5)" in text
    assert "S[table-format=1.3(1)e-1]" in text
    assert r"a\_b" in text or "$a_{b}$" in text
    assert "standard error" in text
    assert json.loads(found.json())["rows"][0]["simulated"]["samples"] == 10**4
    with pytest.raises(DomainError, match="3 cells"):
        Table.from_columns(["a", "b", "c"], [[1, 2]])
    header = Column("x", (), "key", "$x$", "axis")
    assert Table.from_columns([header], [[1]])["key"] == [1]


def test_sequence_interface() -> None:
    found = table(UPPER, N=[2, 3], L=[2])
    assert len(found) == len(list(found)) == 2
    assert found[-1][0] == 3
    assert [row[0] for row in found[:2]] == [2, 3]
    with pytest.raises(IndexError):
        found[2]
    with pytest.raises(DomainError, match="no column"):
        found["nothing"]
    assert "2 rows" in repr(found)
    assert "<table>" in found._repr_html_()
    assert found._repr_latex_().startswith(r"\begin{tabular}")


def test_markdown_has_one_row_a_line() -> None:
    lines = table(UPPER, N=[2, 3], L=[2]).markdown().splitlines()
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|") == 4
    assert lines[1].replace("-", "").replace(":", "") == "||||"


def test_data_frames() -> None:
    import pandas as pd

    frame = table([UPPER, "born-dead-max-depth"], N=[5, 8], L=[1, 10], delta="0.1").to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame["born-dead-max-depth"]) == [4, 4, 27, 27]
    assert frame[UPPER].isna().tolist() == [True, False, True, False]


def test_missing_tabulate_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tabulate", None)
    found = table(UPPER, N=[2], L=[2])
    assert found.csv()
    with pytest.raises(MissingExtraError, match=r"relutheory\[tables\]"):
        found.text()


def test_latex_compiles_in_every_environment(tmp_path: Path, pdflatex: str) -> None:
    run = Estimate(BinomialCount(7066, 10**4), seed=3)
    made = [
        table([LOWER, UPPER], N=[2, 10, 30], L=[1, 10]).latex(),
        table([UPPER], N=[2], L="2..60").latex(),
        table([CHAIN, UPPER], widths=[(3, 2), (4,)]).latex(),
        table("born-dead-max-depth", N=[2], delta="1/3,0.1").latex(),
        table("born-dead-lower-bound-any-dim", N=2, L=3, bias=[False, True]).latex(environment="tabular"),
        Table.from_columns(
            ["N", "simulated", "remark"], [[4, run, "50% & a_b"]], caption="x^2", label="tab:x"
        ).latex(),
    ]
    packages = "amsmath,amssymb,booktabs,siunitx,longtable,array"
    source = (
        rf"\documentclass{{article}}\usepackage{{{packages}}}\begin{{document}}"
        + "\n".join(made)
        + r"\end{document}"
    )
    (tmp_path / "a.tex").write_text(source, encoding="utf-8")
    for _ in range(2):
        done = subprocess.run(
            [pdflatex, "-interaction=nonstopmode", "-halt-on-error", "a.tex"],
            cwd=tmp_path,
            capture_output=True,
            timeout=120,
            check=False,
        )
        log = done.stdout.decode(errors="replace")
        assert done.returncode == 0, log[-1500:]
    assert "Warning" not in log
    assert "Overfull" not in log
