"""What training does after a layer has died."""

from __future__ import annotations

from functools import cache

from sympy import And, Equivalent, Function, Integer, S, Symbol

from proofs.born_dead.common import record
from proofs.claims import (
    Between,
    Combination,
    Derivation,
    Generalise,
    Identity,
    Induction,
    Instance,
    Leibniz,
    Logic,
    Mean,
    Model,
    Step,
    Supremum,
    Witness,
    Wording,
    at,
)
from proofs.nodes import Always, Expect, Sup
from proofs.notation import eq, ge, step

__all__ = ["stays_constant"]

#: Training steps and an input.
time = Symbol("t", integer=True, nonnegative=True)
x = Symbol("x")


h, cap, gate, rest, signal, share_low, share_next = (
    Function(name) for name in ("h", "cap", "gate", "rest", "signal", "share_low", "share_next")
)
grad_low, grad_next, memory, low, following, out, later = (
    Function(name) for name in ("grad_low", "grad_next", "memory", "low", "following", "out", "later")
)
top = Sup(h(time, x), x)
#: Nothing is alive in layer l and nothing is stored for the parameters that must not move.
still = eq(top + memory(time), 0)


def gradient_steps() -> tuple[Step, ...]:
    """While layer l is 0 everywhere, the gradients below it and of the next weights vanish."""
    zero = eq(h(time, x), 0)
    return (
        step("relu", ge(h(time, x), 0), Model("gate", "h = phi(z) = max(z, 0) is not negative")),
        step(
            "cap", ge(cap(time), h(time, x)), Model("dead layer", "there are finitely many training inputs")
        ),
        step("top", ge(top, h(time, x)), Supremum("cap")),
        step(
            "memory-low",
            ge(memory(time), 0),
            Model("update", "the size of the optimiser state is not negative"),
        ),
        step(
            "zero-high",
            ge(0, h(time, x)),
            Combination(((1, ("top",)), (1, ("memory-low",))), ((-1, still),)),
            still,
        ),
        step("zero", zero, Between("relu", "zero-high"), still),
        step(
            "no-memory-high",
            ge(0, memory(time)),
            Combination(((1, ("top",)), (1, ("relu",))), ((-1, still),)),
            still,
        ),
        step("no-memory", eq(memory(time), 0), Between("memory-low", "no-memory-high"), still),
        step(
            "gate",
            eq(gate(time, x), 0),
            Model("gate", "where h = 0, z <= 0 and phi'(z) = 0; phi'(0) = 0 at z = 0"),
            zero,
        ),
        step("closed", eq(gate(time, x), 0), Instance(at("gate", {}, "zero")), still),
        step(
            "share-low",
            eq(share_low(time, x), gate(time, x) * rest(time, x)),
            Model("gate", "chain rule: what an input adds to a gradient of the layers <= l passes phi'(z_l)"),
        ),
        step(
            "share-next",
            eq(share_next(time, x), signal(time, x) * h(time, x)),
            Model("gate", "chain rule: what an input adds to the gradient of W_{l+1} is a signal times h_l"),
        ),
        step(
            "share-low-zero",
            eq(share_low(time, x), 0),
            Combination(equalities=((1, "share-low"), (rest(time, x), "closed"))),
            still,
        ),
        step(
            "share-next-zero",
            eq(share_next(time, x), 0),
            Combination(equalities=((1, "share-next"), (signal(time, x), "zero"))),
            still,
        ),
        step("mean-low", eq(Expect(share_low(time, x), x), 0), Mean("share-low-zero"), still),
        step("mean-next", eq(Expect(share_next(time, x), x), 0), Mean("share-next-zero"), still),
        step(
            "grad-low",
            eq(grad_low(time), Expect(share_low(time, x), x)),
            Model("update", "the gradient is the mean of what the training inputs add"),
        ),
        step(
            "grad-next",
            eq(grad_next(time), Expect(share_next(time, x), x)),
            Model("update", "the gradient is the mean of what the training inputs add"),
        ),
        step(
            "grad-low-zero",
            eq(grad_low(time), 0),
            Combination(equalities=((1, "grad-low"), (1, "mean-low"))),
            still,
        ),
        step(
            "grad-next-zero",
            eq(grad_next(time), 0),
            Combination(equalities=((1, "grad-next"), (1, "mean-next"))),
            still,
        ),
    )


@cache
def stays_constant() -> Derivation:
    """Zero gradients at and below the dead layer at all times; then the output cannot depend on the input."""
    statement = record("born-dead-stays-constant").statement
    found = record("born-dead-stays-constant")
    dead, frozen = found.lhs, found.rhs
    quiet = (eq(grad_low(time), 0), eq(grad_next(time), 0), eq(memory(time), 0))
    after = time + 1
    hole = Symbol("hole")
    fixed_low, fixed_next = eq(low(time), low(0)), eq(following(time), following(0))
    constant = eq(out(time, x), later(time, 0))
    general = Always(And(fixed_low, fixed_next, constant), time, x)
    return Derivation(
        "born-dead-stays-constant",
        (
            *gradient_steps(),
            step(
                "keeps-low",
                eq(low(after), low(time)),
                Model("update", "zero gradient and zero state: no parameter moves"),
                *quiet,
            ),
            step(
                "keeps-next",
                eq(following(after), following(time)),
                Model("update", "zero gradient and zero state: no parameter moves"),
                *quiet,
            ),
            step(
                "keeps-memory",
                eq(memory(after), 0),
                Model("update", "zero gradient and zero state: the state stays zero"),
                *quiet,
            ),
            step(
                "same-output",
                eq(h(after, x), h(time, x)),
                Model("dead layer", "h_l depends on the input and on the parameters of the layers <= l only"),
                eq(low(after), low(time)),
            ),
            *(
                step(
                    f"{name}-now",
                    claim,
                    Instance(at(name, {}, "grad-low-zero", "grad-next-zero", "no-memory")),
                    still,
                )
                for name, claim in (
                    ("keeps-low", eq(low(after), low(time))),
                    ("keeps-next", eq(following(after), following(time))),
                    ("keeps-memory", eq(memory(after), 0)),
                )
            ),
            step(
                "same-output-now",
                eq(h(after, x), h(time, x)),
                Instance(at("same-output", {}, "keeps-low-now")),
                still,
            ),
            # The supremum after the step is 0 again.
            step(
                "after-zero",
                ge(0, h(after, x)),
                Combination(((1, ("zero-high",)),), ((-1, "same-output-now"),)),
                still,
            ),
            step("after-high", ge(0, Sup(h(after, x), x)), Supremum("after-zero"), still),
            step("after-top", ge(Sup(h(after, x), x), h(after, x)), Instance(at("top", {time: after}))),
            step(
                "after-low",
                ge(Sup(h(after, x), x), 0),
                Combination(((1, ("after-top",)), (1, (at("relu", {time: after}),)))),
            ),
            step("after", eq(Sup(h(after, x), x), 0), Between("after-low", "after-high"), still),
            step(
                "next",
                eq(Sup(h(after, x), x) + memory(after), 0),
                Combination(equalities=((1, "after"), (1, "keeps-memory-now"))),
                still,
            ),
            step(
                "start",
                eq(Sup(h(0, x), x), 0),
                Wording("at initialisation layer l is 0 at all training inputs"),
                dead,
            ),
            step("start-memory", eq(memory(0), 0), Model("update", "the optimiser starts from zero state")),
            step(
                "base",
                eq(Sup(h(0, x), x) + memory(0), 0),
                Combination(equalities=((1, "start"), (1, "start-memory"))),
                dead,
            ),
            step("always", still, Induction(time, Integer(0), "base", "next"), dead),
            # Parameters at time t are those at time 0, and the output is the same for all inputs.
            step("low-base", eq(low(0), low(0)), Identity(), dead),
            step(
                "low-step",
                eq(low(after), low(0)),
                Combination(equalities=((1, at("keeps-low-now", {}, "always")), (1, fixed_low))),
                dead,
                fixed_low,
            ),
            step("low", fixed_low, Induction(time, Integer(0), "low-base", "low-step"), dead),
            step("next-base", eq(following(0), following(0)), Identity(), dead),
            step(
                "next-step",
                eq(following(after), following(0)),
                Combination(equalities=((1, at("keeps-next-now", {}, "always")), (1, fixed_next))),
                dead,
                fixed_next,
            ),
            step("following", fixed_next, Induction(time, Integer(0), "next-base", "next-step"), dead),
            step(
                "out",
                eq(out(time, x), later(time, h(time, x))),
                Model("dead layer", "the output depends on the input through h_l only"),
            ),
            step(
                "constant",
                constant,
                Leibniz(eq(out(time, x), later(time, hole)), hole, at("zero", {}, "always"), "out"),
                dead,
            ),
            step(
                "words",
                Equivalent(frozen, general),
                Wording(
                    "for all times t and training inputs x: these parameters are the "
                    "initial ones, the output is free of x"
                ),
            ),
            step("together", general.body, Logic(("low", "following", "constant")), dead),
            step("general", general, Generalise("together"), dead),
            step("theorem", statement, Logic(("general", "words"))),
        ),
        Witness(
            {dead: S.true},
            {
                name: (lambda *a: 0)
                for name in ("h", "cap", "gate", "rest", "signal", "share_low", "share_next", "memory")
            }
            | {name: (lambda *a: 0) for name in ("grad_low", "grad_next")}
            | {
                "low": lambda i: 1,
                "following": lambda i: 2,
                "out": lambda i, a: i,
                "later": lambda i, value: i,
            },
            {x: (0, 1)},
        ),
    )
