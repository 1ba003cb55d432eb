"""The symbols of the statements, spelled once so that every room means the same object.

SymPy compares symbols by name *and* assumptions; building them in one place avoids two
look-alikes that do not cancel.
"""

from __future__ import annotations

from sympy import Indexed, IndexedBase, Symbol

__all__ = ["N1", "N2", "D", "Indexed", "L", "N", "bias", "delta", "keep", "l", "m", "m0", "p", "p0", "widths"]

#: Number of affine maps of the network; the ReLU layers are ``l = 1 .. L-1``.
L = Symbol("L", integer=True, positive=True)
#: Common width of all hidden layers.
N = Symbol("N", integer=True, positive=True)
#: Hidden widths: ``widths[l]`` is the width of hidden layer ``l`` (counted from one). Its label carries
#: no assumptions, so that substituting the scalar ``N`` never reaches into ``N[l]``.
widths = IndexedBase("N")
#: Widths of the first and the second hidden layer, where a statement has just two.
N1 = Symbol("N1", integer=True, positive=True)
N2 = Symbol("N2", integer=True, positive=True)
#: Index of a layer.
l = Symbol("l", integer=True, positive=True)  # noqa: E741  the letter of the papers
#: A count of units or features.
m = Symbol("m", integer=True, nonnegative=True)
#: Number of nonzero coordinates of the input.
m0 = Symbol("m0", integer=True, positive=True)
#: 1 with biases, 0 without.
bias = Symbol("bias", integer=True, nonnegative=True)
#: Admitted (or certain) born-dead probability of a design rule.
delta = Symbol("delta", positive=True)
#: Probability that a mask keeps a weight.
keep = Symbol("keep", positive=True)
#: A lower bound on the probability that all entries of one layer are nonpositive.
p = Symbol("p", positive=True)
#: Probability of an exact tie ``w.h + b = 0``.
p0 = Symbol("p0", nonnegative=True)
#: The input set.
D = Symbol("D")
