"""Symbols of the convergence recursions of one unit; those of the Gaussian calculus keep their meaning.

The student is unit 1 of the Gaussian calculus (``h1, s1, c1, gate1``), the teacher is unit 2.
"""

from __future__ import annotations

from sympy import IndexedBase, Symbol

from relutheory.theory.gaussian.notation import (
    St,
    a,
    b,
    c,
    c1,
    c2,
    gate,
    gate1,
    gate2,
    h,
    h1,
    h2,
    i,
    j,
    m,
    mt,
    rho,
    s1,
    s2,
    slab,
    slope,
    theta,
    x,
    xt,
    y,
)

__all__ = [
    "St",
    "V",
    "a",
    "a0",
    "a_vec",
    "b",
    "c",
    "c1",
    "c2",
    "eta",
    "gate",
    "gate1",
    "gate2",
    "h",
    "h1",
    "h2",
    "h_star",
    "i",
    "j",
    "line",
    "m",
    "mt",
    "noise",
    "p",
    "q",
    "relu",
    "rho",
    "s1",
    "s2",
    "sig",
    "slab",
    "slope",
    "solved",
    "steps",
    "t",
    "theta",
    "theta_star",
    "x",
    "xt",
    "y",
]

#: Teacher, or Wiener solution; its margin as a parameter of its own.
theta_star = IndexedBase(r"\theta^{*}")
h_star = Symbol("h^*", real=True)
#: Step size and number of mean steps.
eta = Symbol("eta", positive=True)
steps = Symbol("k", integer=True, nonnegative=True)
#: Target noise, independent of the input, and its standard deviation.
noise = Symbol("n", real=True)
sig = Symbol("sigma", nonnegative=True)
#: Flow time ``eta k`` and distance of the starting margin into the tail.
t = Symbol("t", nonnegative=True)
a0 = Symbol("a_0", real=True)
#: Error second moment ``E[v v']`` and a given back-propagated error ``a.xt + n``.
V, a_vec = IndexedBase("V"), IndexedBase("a")

#: Bound components of sums inside sums.
p = Symbol("p", integer=True, nonnegative=True)
q = Symbol("q", integer=True, nonnegative=True)

#: 1 if the teacher is a ReLU, 0 if it is affine.
relu = Symbol("relu", integer=True, nonnegative=True)
#: 1 if student and teacher stay collinear for ever, so that their correlation is a sign.
line = Symbol("line", integer=True, nonnegative=True)
#: 1 at the solution itself.
solved = Symbol("solved", integer=True, nonnegative=True)
