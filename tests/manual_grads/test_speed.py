"""What the compiled programs of `benchmarks/speed.py` cost, beside those of JAX's own derivatives; no clock is read."""

import importlib.util
import re
from dataclasses import replace
from pathlib import Path

import jax
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "speed.py"


@pytest.fixture(scope="module")
def speed():
    specification = importlib.util.spec_from_file_location("speed", PATH)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cases(speed):
    """With shapes for arguments, which is all that a compiler needs."""
    found = []

    def arguments():
        found[:] = speed.cases()
        return [case.arguments for case in found]

    shapes = jax.eval_shape(arguments)
    return {case.name: replace(case, arguments=own) for case, own in zip(found, shapes, strict=True)}


NAMES = ["network", "logistic", "softmax", "logistic.hessian", "softmax.hessian"]


@pytest.fixture(scope="module")
def programs(cases):
    """By hand and by JAX."""
    return {name: cases[name].compiled() for name in NAMES}


def flops(program):
    return program.cost_analysis()["flops"]


def room(program):
    return program.memory_analysis().temp_size_in_bytes


def moves(program, shape):
    """The instructions that copy or transpose an array of this shape, or of its transpose."""
    n, m = shape
    return re.findall(rf"\[(?:{n},{m}|{m},{n})\]\S* (?:copy|transpose)\(.*", program.as_text())


@pytest.mark.parametrize("name", NAMES)
def test_no_more_operations_or_memory_than_jax(programs, name):
    by_hand, by_jax = programs[name]
    assert 0 < flops(by_hand) <= flops(by_jax)
    assert 0 < room(by_hand) <= room(by_jax)


@pytest.mark.parametrize("name", NAMES)
def test_the_data_matrix_stays_where_it_is(cases, programs, name):
    by_hand, _ = programs[name]
    assert moves(by_hand, cases[name].arguments[1].shape) == []


def test_a_planted_transpose_is_seen(cases):
    _, inputs, _ = cases["logistic"].arguments
    program = jax.jit(lambda inputs: inputs.T @ inputs[:, 0]).lower(inputs).compile()
    assert moves(program, inputs.shape)


def test_the_loop_of_the_hessian_is_counted_in_full(cases):
    """The compiler counts one turn of a loop; at as many examples as one turn has there is none."""
    case = cases["logistic.hessian"]
    weights, *data = case.arguments
    few = [jax.ShapeDtypeStruct((8192, *array.shape[1:]), array.dtype) for array in data]
    by_hand, by_jax = replace(case, arguments=(weights, *few)).compiled()
    assert " while(" not in by_hand.as_text()
    assert flops(by_hand) <= 0.6 * flops(by_jax)
    assert room(by_hand) <= room(by_jax)


def test_a_formula_that_is_slower_is_seen(cases, programs):
    """The softmax gradient with the probabilities written out twice."""
    case = cases["softmax"]

    def wasteful(weights, inputs, labels):
        value, _ = case.by_hand(weights, inputs, labels)
        return value, inputs.T @ (jax.nn.softmax(inputs @ (2 * weights)) - labels)

    program = jax.jit(wasteful).lower(*case.arguments).compile()
    _, by_jax = programs[case.name]
    assert flops(program) > flops(by_jax)
