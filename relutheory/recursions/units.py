"""Recursions of one ReLU unit on Gaussian input under gradient descent."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sympy import Add, IndexedBase, Sum, Symbol, sqrt, true

from relutheory import symbols
from relutheory.errors import DomainError
from relutheory.functions import Components, Event, Phi, phi
from relutheory.grammar import show
from relutheory.recursions.recursion import Recursion
from relutheory.sets import MatrixSet, RealSet, VectorSet
from relutheory.theory.gaussian.expressions import quadrant_second_moment
from relutheory.theory.single_unit import expressions as ex
from relutheory.theory.single_unit import notation as n
from relutheory.theory.single_unit import unit

__all__ = ["affine_teacher", "bias_only", "relu_teacher", "zero_target"]

_VECTOR, _COVARIANCE = VectorSet(least=2), MatrixSet(positive=True)
_STEP_SIZE = RealSet(Fraction(0), None, "()")


def affine_teacher(theta_star: Any, eta: Any, m: Any = None, S: Any = None) -> Recursion:
    r"""Mean recursion of a ReLU unit that learns an affine target from Gaussian input.

    .. math:: \theta^+ = \theta - \eta\, M(\theta)\,(\theta - \theta^*),\qquad
              M(\theta) = E[1(y > 0)\,\tilde x \tilde x']

    Parameters
    ----------
    theta_star : sequence or str
        Bias and weights of the target, bias first, exact.
    eta : number
        Step size > 0.
    m, S : sequence, matrix, optional
        Mean and covariance of the input; default 0 and the identity.

    Examples
    --------
    >>> from relutheory.recursions import affine_teacher
    >>> learning = affine_teacher([-1, 1], "1/10")
    >>> [x.digits(20) for x in learning.iterate(["1/10", "1/2"], 1)]
    ['0.055833566660471461366', '0.48203786219490044579']
    """
    return _teacher("affine", theta_star, eta, m, S)


def relu_teacher(theta_star: Any, eta: Any, m: Any = None, S: Any = None) -> Recursion:
    r"""Mean recursion of a ReLU unit that learns the output of another one from Gaussian input.

    .. math:: \theta^+ = \theta + \eta\, (Q_2(\theta, \theta^*)\,\theta^* - M(\theta)\,\theta),\qquad
              Q_2 = E[1(y > 0)\,1(y^* > 0)\,\tilde x \tilde x']

    Parameters
    ----------
    theta_star, eta, m, S
        As in `affine_teacher`.

    Notes
    -----
    Where the weights stay multiples of those of the teacher for ever (one input, or ``w`` parallel to
    ``w*`` with ``m`` and ``S w*`` parallel to it too), the recursion is enclosed on that line.

    Examples
    --------
    >>> from relutheory.recursions import relu_teacher
    >>> learning = relu_teacher([-1, 1], "1/10")
    >>> [x.digits(20) for x in learning.iterate(["1/10", "1/2"], 100)]
    ['-0.21885713593544782256', '0.46502658369155658873']
    """
    return _teacher("relu", theta_star, eta, m, S)


def _teacher(kind: str, theta_star: Any, eta: Any, m: Any, S: Any) -> Recursion:
    exact: dict[str, Any] = {"theta_star": _VECTOR.read("theta_star", theta_star)}
    if m is not None:
        exact["m"] = VectorSet().read("m", m)
    if S is not None:
        exact["S"] = _COVARIANCE.read("S", S)
    exact = unit.complete(exact)
    exact["eta"] = _STEP_SIZE.read("eta", eta)
    teacher: tuple[Fraction, ...] = exact["theta_star"]
    relu = kind == "relu"
    given = {k: exact[k] for k in ("m", "S")}
    bindings = unit.derive({**given, "theta_star": teacher})
    bindings |= {n.theta_star: Components(teacher), n.eta: exact["eta"]}

    def flags(start: tuple[Fraction, ...]) -> Mapping[Symbol, int]:
        if not relu:
            return {}
        line = unit.stays_on_a_line(start, teacher, exact["m"], exact["S"])
        return {n.line: int(line), n.solved: int(start == teacher)}

    def check(start: tuple[Fraction, ...]) -> None:
        if not any(start[1:]):
            raise DomainError(f"start must have a weight other than 0, got {show(start)}")

    drift, definitions = (
        (ex.relu_drift, ex.TWO_UNIT_DEFINITIONS) if relu else (ex.affine_drift, ex.ONE_UNIT_DEFINITIONS)
    )
    size = len(teacher)
    return Recursion(
        f"{'ReLU' if relu else 'affine'} teacher",
        n.theta,
        (n.theta[n.p] + n.eta * drift(n.p),),
        size,
        index=n.p,
        definitions=definitions,
        bindings=bindings,
        labels=("b", "w") if size == 2 else ("b", *(f"w_{k}" for k in range(1, size))),
        check=check,
        flags=flags,
        parallel=((n.line, 1), (n.solved, 0)) if relu else (),
        shown={k: exact[k] for k in ("theta_star", "eta", "m", "S")},
        letters={k: bindings[k] for k in (n.theta_star, n.eta, n.mt, n.St)},
        display=_display(relu),
        kind=kind,
        # The two drifts have the same derivative at the solution, where the first one has no formula.
        linear_at=(teacher, _teacher("affine", theta_star, eta, m, S)) if relu else None,
        gradient=relu,
        symmetric_at=(teacher,),
    )


def _display(relu: bool) -> tuple[Symbol, Any, tuple[tuple[Any, Any], ...]]:
    """The update with its matrices named, for printing; the quadrant is the generic one."""
    i, a = n.i, n.a
    matrix, shared = IndexedBase("M"), IndexedBase("Q")
    if relu:
        body = shared[i, a] * n.theta_star[a] - matrix[i, a] * n.theta[a]
    else:
        body = matrix[i, a] * (n.theta_star[a] - n.theta[a])
    update = Add(n.theta[i], n.eta * Sum(body, (a, 0, symbols.N)), evaluate=False)
    one = tuple((name, value.subs(n.p, i)) for name, value in ex.ONE_UNIT_DEFINITIONS)
    named: tuple[tuple[Any, Any], ...] = ((matrix[i, a], ex.open_moment(i, a)),)
    if not relu:
        return i, update, (*named, *one)
    root = sqrt(1 - n.rho**2)
    first, second, edge = Symbol("k_1", real=True), Symbol("k_2", real=True), Symbol("d", real=True)
    k_1, k_2 = (n.h1 - n.rho * n.h2) / root, (n.h2 - n.rho * n.h1) / root
    quadrant = quadrant_second_moment(i, a).subs({k_1: first, k_2: second})
    density = phi(n.h1) * phi(second) / root
    return (
        i,
        update,
        (
            *named,
            (shared[i, a], quadrant.subs(density, edge)),
            (first, k_1),
            (second, k_2),
            (edge, density),
            *one,
            (n.rho, Sum(n.c2[a] * n.theta[a], (a, 1, symbols.N)) / n.s1),
            (Event("s_2, h_2 and c_2 like s_1, h_1 and c_1, with the teacher's parameters"), true),
        ),
    )


def zero_target(eta: Any) -> Recursion:
    r"""Mean recursion of margin ``h`` and scale ``s`` of a unit whose target is 0 where it is open.

    .. math:: s^+ = s\,|1 - \eta\,\Phi(h)|,\qquad h^+ = \frac{h - \eta J_1(h)}{|1 - \eta\,\Phi(h)|}

    Standard input of any dimension; ``eta Phi(h) != 1``.

    Parameters
    ----------
    eta : number
        Step size > 0.

    Examples
    --------
    >>> from relutheory.recursions import zero_target
    >>> zero_target("1/100").iterate(["1/5", 1], 2000)[0].digits(15)
    '-2.29790041680849'
    """
    size = _STEP_SIZE.read("eta", eta)
    h, s = Symbol("h", real=True), Symbol("s", positive=True)

    def check(start: tuple[Fraction, ...]) -> None:
        if start[1] <= 0:
            raise DomainError(f"start must have a scale s > 0, got {show(start[1])}")

    return Recursion(
        "zero target",
        (h, s),
        ex.zero_target_step(h, s, n.eta),
        2,
        bindings={n.eta: size},
        labels=("h", "s"),
        check=check,
        shown={"eta": size},
        letters={n.eta: size},
        kind="zero",
    )


def bias_only(h_star: Any, eta: Any) -> Recursion:
    r"""Mean recursion of the margin when only the bias is trained towards an affine target.

    .. math:: h^+ = h - \eta\,\Phi(h)\,(h - h^*)

    The weights are those of the target and have length one; standard input.

    Parameters
    ----------
    h_star : number
        Margin of the target.
    eta : number
        Step size > 0.

    Examples
    --------
    >>> from relutheory.recursions import bias_only
    >>> bias_only(0, "1/10").iterate([-2], 100)[0].digits(10)
    '-1.200515437'
    """
    size = _STEP_SIZE.read("eta", eta)
    target = RealSet(None, None).read("h_star", h_star)
    h = Symbol("h", real=True)
    return Recursion(
        "bias only",
        (h,),
        (h - n.eta * Phi(h) * (h - n.h_star),),
        1,
        bindings={n.eta: size, n.h_star: target},
        labels=("h",),
        shown={"h_star": target, "eta": size},
        letters={n.h_star: target, n.eta: size},
        kind="bias",
    )
