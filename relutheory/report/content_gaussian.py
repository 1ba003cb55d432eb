"""The tables of the report about the Gaussian calculus."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from relutheory.evaluate import enclose
from relutheory.tables import Column, Table
from relutheory.theorems import theorem

__all__ = ["gaussian_tables"]

_MARGINS = (-40, -30, -20, -10, -8, -5, -3, -2, -1, 0, 1, 2)
_DISTANCES = (0, Fraction(1, 2), 1, Fraction(3, 2), 2, 3, 5, 10, 20, 40)
_CORRELATIONS = tuple(Fraction(k, 100) for k in (-100, -99, -90, -70, -50, -30, 0, 30, 50, 70, 90, 99, 100))
_LIMITS = ((0, 0), (1, 1), (-1, -1), (-3, -3), (Fraction(1, 2), -2))


def gaussian_tables(digits: int) -> dict[str, Table]:
    """Tables of the calculus of gated units, by file name."""
    return {"ramp-moments": _moments(digits), "bracket": _bracket(digits), "orthants": _orthants(digits)}


def _moments(digits: int) -> Table:
    digits = min(digits, 10)
    ramp, eigenvalues = theorem("ramp-moment-recursion"), theorem("gated-gram-eigenvalues")
    rows = []
    for h in _MARGINS:
        found: Any = eigenvalues.evaluate(h=h, digits=digits)
        moments = [ramp.evaluate(n=n, h=h, digits=digits) for n in (0, 1)]
        rows.append([h, *moments, found["lam_minus"], found["lam_plus"]])
    headers = [
        Column("h", (), "h", "$h$", "axis"),
        *(
            Column(name, (), name, latex, "value", scientific=True)
            for name, latex in (
                ("J_0", "$J_0(h)$"),
                ("J_1", "$J_1(h)$"),
                ("lam_minus", r"$\lambda_-(h)$"),
                ("lam_plus", r"$\lambda_+(h)$"),
            )
        ),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Ramp moments J_0 (the activation probability Phi(h)) and J_1, and eigenvalues lam_minus and "
        "lam_plus of the gated Gram matrix, by margin h (`ramp-moment-recursion`, "
        f"`gated-gram-eigenvalues`). {digits} significant digits",
        label="tab:ramp-moments",
    )


def _bracket(digits: int) -> Table:
    digits = min(digits, 10)
    record = theorem("gram-eigenvalue-bracket")
    rows = []
    for a in _DISTANCES:
        found: Any = record.evaluate(a=a, digits=digits)
        quotient = enclose(record.rhs, record.bindings(a=a), digits=digits)
        rows.append([Fraction(a), found["low"], quotient, found["high"], found["f"]])
    headers = [
        Column("a", (), "a", "$a$", "axis"),
        Column("lower bound", (), "low", "lower bound", "value"),
        Column("P/lam_minus", (), "quotient", r"$P/\lambda_-$", "value"),
        Column("upper bound", (), "high", "upper bound", "value"),
        Column("f", (), "f", "$f(a)$", "value"),
    ]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Slow-down of a nearly dead unit relative to its activation probability P = Phi(-a), its "
        "bracket, and f(a) = P/lam_minus - a^4 - 9 a^2 between 2 and 15/2 (`gram-eigenvalue-bracket`). "
        f"{digits} significant digits",
        label="tab:bracket",
    )


def _orthants(digits: int) -> Table:
    digits = min(digits, 8)
    record = theorem("orthant-probability")
    rows = [
        [rho, *(record.evaluate(a=a, b=b, rho=rho, digits=digits) for a, b in _LIMITS)]
        for rho in _CORRELATIONS
    ]
    headers = [Column("rho", (), "rho", r"$\rho$", "axis")]
    headers += [Column(f"a = {a}, b = {b}", (), f"a={a},b={b}", f"$({a}, {b})$", "value") for a, b in _LIMITS]
    return Table.from_columns(
        headers,
        rows,
        digits=digits,
        caption="Probability that two units with margins a, b and correlation rho are both active; "
        f"the columns are named by (a, b) (`orthant-probability`). {digits} significant digits",
        label="tab:orthants",
    )
