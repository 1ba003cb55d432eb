"""Derivations of the theorems of `relutheory` and the small kernel that checks them.

A derivation is data: steps with a claim, a certificate and the labels it uses. The kernel (`proofs.kernel`)
recomputes every step in exact rational arithmetic of its own; SymPy only holds the terms. Nothing of
`relutheory` imports this package; a theorem names its derivation by a string.

Tiers of a step; a theorem has the weakest tier of everything it uses:

FORMAL
    Checked by a separate proof assistant. No step of the kernel has more than DERIVED.
DERIVED
    Checked by a rule of the kernel: identity over Q of the atoms, certificate with nonnegative
    coefficients, induction, cases, instance, enumeration, limit by an explicit bound, extreme integer,
    mean, supremum, logarithm, truth table, definition; derivative, primitive, linearity, substitution and
    order of integrals, derivative under the integral, monotone function, limit by growth, sign by Sturm's
    theorem, level of a continuous function (largest scale), Gaussian mean (Isserlis), means of finite sums
    with noise, means ordered state by state of the gates, states that are null, polynomials that vanish
    where a unit is open, largest eigenvalue, another theorem for quantities (also of families of units)
    that satisfy its hypotheses, elementary facts, derivative of an integral in its upper end, means over
    the boundary of a unit.
CITED
    Rests on a published result that is named in the output.
STATED
    Rests on an argument in words that is named in the output, or has no derivation.

Steps of rule ``model`` translate a hypothesis of the theorem into a relation between probabilities. They do
not lower the status, because the theorem has that hypothesis; they are listed as what the derivation
*assumes*, with the reason of each translation, and a finite witness must satisfy all of them.

What the rules about functions of a real variable take for granted: ``phi' = -x phi``, ``Phi' = phi``, both
symmetries, ``0 < Phi < 1`` and the limits of ``Phi``; that a power or ``exp`` of an affine term times
``phi`` vanishes far out, as it does times ``Phi`` where that tends to 0; ``sin' = cos``, ``cos' = -sin``,
their symmetries and values at 0; that truncated moments are bounded; the meaning of each named function
(`proofs.rules_gaussian`); the binomial theorem; the mean value theorem, the fundamental theorem of calculus
and dominated convergence for integrands whose form bounds them. The rules about units take for granted
that an affine function of an input with a density is 0 with probability 0, unless it is constant 0, and
that the largest eigenvalue of a symmetric matrix is the largest value of its form at unit vectors; and
that on the boundary ``y_1 = 0``, which has density ``phi(h_1)/s_1``, ``z_2`` is normal with mean ``-rho h_1``
and variance ``1 - rho**2``. Elementary facts are a fixed table: bounds of an absolute value, of Min and Max,
``erfi' = 2 exp(x**2)/sqrt(pi)``, and integrals over an empty interval.

What the status does not say: that the translation of a hypothesis in a ``model`` step is adequate (that is
for a reader to judge), that conditional probabilities exist (they are taken for granted, as is the
interchange of mean and finite sum), or that the statement is the one that a user has in mind. The
meaning in words and the results of a record that are not part of its statement are not covered
either.
"""

from proofs.claims import Claim, Derivation, Step, Tier
from proofs.polynomials import Refused

__all__ = ["Claim", "Derivation", "Refused", "Step", "Tier"]
