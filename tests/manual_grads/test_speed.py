"""What the compiled programs of `benchmarks/speed.py` cost, beside those of JAX's own derivatives; no clock is read."""

import importlib.util
import re
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
    return {case.name: case for case in speed.cases()}


def flops(program):
    return program.cost_analysis()["flops"]


def room(program):
    return program.memory_analysis().temp_size_in_bytes


def moves(program, shape):
    """The instructions that copy or transpose an array of this shape, or of its transpose."""
    n, m = shape
    return re.findall(rf"\[(?:{n},{m}|{m},{n})\]\S* (?:copy|transpose)\(.*", program.as_text())


NAMES = ["network", "logistic", "softmax", "logistic.hessian", "softmax.hessian"]


@pytest.mark.parametrize("name", NAMES)
def test_no_more_operations_or_memory_than_jax(cases, name):
    by_hand, by_jax = cases[name].compiled()
    assert 0 < flops(by_hand) <= flops(by_jax)
    assert 0 < room(by_hand) <= room(by_jax)


@pytest.mark.parametrize("name", NAMES)
def test_the_data_matrix_stays_where_it_is(cases, name):
    by_hand, _ = cases[name].compiled()
    assert moves(by_hand, cases[name].arguments[1].shape) == []


def test_a_planted_transpose_is_seen(cases):
    _, inputs, _ = cases["logistic"].arguments
    program = jax.jit(lambda inputs, residuals: inputs.T @ residuals).lower(inputs, inputs[:, 0]).compile()
    assert moves(program, inputs.shape)


def test_the_loop_of_the_hessian_is_counted_in_full(cases):
    """The compiler counts one turn of a loop; at as many examples as one turn has there is none."""
    case = cases["logistic.hessian"]
    weights, inputs, labels = case.arguments
    programs = [
        jax.jit(function).lower(weights, inputs[:8192], labels[:8192]).compile()
        for function in (case.by_hand, case.by_jax)
    ]
    assert " while(" not in programs[0].as_text()
    assert flops(programs[0]) <= 0.6 * flops(programs[1])
    assert room(programs[0]) <= room(programs[1])


def test_a_formula_that_is_slower_is_seen(speed, cases):
    """The softmax gradient with the probabilities written out twice."""
    case = cases["softmax"]

    def wasteful(weights, inputs, labels):
        value, _ = case.by_hand(weights, inputs, labels)
        return value, inputs.T @ (jax.nn.softmax(inputs @ (2 * weights)) - labels)

    program = jax.jit(wasteful).lower(*case.arguments).compile()
    assert flops(program) > flops(case.compiled()[1])
