"""Derivations of the statements on randomized asymmetric initialization."""

from proofs.rai.gate import gate_function

__all__ = ["gate_function"]
