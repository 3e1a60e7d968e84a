# Generated from the records and the package by tools/generate/generate.py: change those, not this.
# In: nothing. Out: the names of tf.math.special for editors and checkers.
from typing import Any, Sequence

from .. import Tensor

TensorLike = Any

def bessel_i0(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function I0."""

def bessel_i0e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^-|x| I0(x)."""

def bessel_i1(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function I1."""

def bessel_i1e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^-|x| I1(x)."""

def bessel_j0(x: TensorLike, name: str | None = ...) -> Tensor:
    """The Bessel function J0."""

def bessel_j1(x: TensorLike, name: str | None = ...) -> Tensor:
    """The Bessel function J1."""

def bessel_k0(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function K0."""

def bessel_k0e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^x K0(x)."""

def bessel_k1(x: TensorLike, name: str | None = ...) -> Tensor:
    """The modified Bessel function K1."""

def bessel_k1e(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^x K1(x)."""

def bessel_y0(x: TensorLike, name: str | None = ...) -> Tensor:
    """The Bessel function Y0."""

def bessel_y1(x: TensorLike, name: str | None = ...) -> Tensor:
    """The Bessel function Y1."""

def dawsn(x: TensorLike, name: str | None = ...) -> Tensor:
    """e^-x^2 times the integral of e^t^2 from 0 to x."""

def expint(x: TensorLike, name: str | None = ...) -> Tensor:
    """The exponential integral Ei."""

def spence(x: TensorLike, name: str | None = ...) -> Tensor:
    """The dilogarithm of 1 - x."""
