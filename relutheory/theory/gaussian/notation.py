"""Symbols of the Gaussian calculus and the conventions of a unit on Gaussian input.

A unit has parameters ``theta = (b, w)``, bias first, and preactivation ``y = theta . xt`` on the
augmented input ``xt = (1, x)`` with ``x ~ N(m, S)`` in N dimensions. Vectors and matrices on ``xt`` are
counted from 0, and index 0 is the bias.
"""

from __future__ import annotations

from sympy import IndexedBase, Symbol

__all__ = [
    "K",
    "S",
    "St",
    "a",
    "b",
    "c",
    "c1",
    "c2",
    "g1",
    "g2",
    "gate",
    "gate1",
    "gate2",
    "h",
    "h1",
    "h2",
    "i",
    "j",
    "m",
    "mt",
    "n",
    "rho",
    "s",
    "s1",
    "s2",
    "slab",
    "slope",
    "t",
    "theta",
    "theta1",
    "theta2",
    "w",
    "x",
    "xt",
    "y",
    "y1",
    "y2",
]

#: Normalised margin: mean of the preactivation over its standard deviation.
h = Symbol("h", real=True)
h1, h2 = Symbol("h1", real=True), Symbol("h2", real=True)
#: Distance into the tail, ``t = -h``.
t = Symbol("t", real=True)
#: Order of a moment.
n = Symbol("n", integer=True, nonnegative=True)
#: Standard deviation of the preactivation.
s = Symbol("s", positive=True)
s1, s2 = Symbol("s1", positive=True), Symbol("s2", positive=True)
#: Correlation of two preactivations.
rho = Symbol("rho", real=True)
#: Slope of a leaky unit for negative preactivations.
slope = Symbol("slope", real=True)
#: Components.
i = Symbol("i", integer=True, nonnegative=True)
j = Symbol("j", integer=True, nonnegative=True)

#: Gate ``1(y > 0)``, preactivation, input and augmented input of the random experiment.
gate = Symbol("u")
gate1, gate2 = Symbol("u1"), Symbol("u2")
y, y1, y2 = Symbol("y", real=True), Symbol("y1", real=True), Symbol("y2", real=True)
x, xt = IndexedBase("x"), IndexedBase(r"\tilde{x}")

#: Parameters of a unit and law of the input.
theta, theta1, theta2 = IndexedBase("theta"), IndexedBase("theta1"), IndexedBase("theta2")
w, m, S, K = IndexedBase("w"), IndexedBase("m"), IndexedBase("S"), IndexedBase("K")
#: Mean and covariance of ``xt``: ``mt = (1, m)``, ``St = diag(0, S)``.
mt, St = IndexedBase(r"\tilde{m}"), IndexedBase(r"\tilde{S}")
#: Covariance of ``xt`` with the standardised preactivation: ``c = (0, S w / s)``.
c, c1, c2 = IndexedBase("c"), IndexedBase("c1"), IndexedBase("c2")
#: Coefficients of ``z1`` and ``z2`` in the regression of ``xt`` on both.
g1, g2 = IndexedBase("g1"), IndexedBase("g2")
#: 1 if the slab between two opposite collinear units is open, else 0.
slab = Symbol("slab", integer=True, nonnegative=True)
#: Bound components of quadratic forms.
a = Symbol("a", integer=True, nonnegative=True)
b = Symbol("b", integer=True, nonnegative=True)
