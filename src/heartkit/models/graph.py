"""The operations of a functional model and who uses what, by Keras' public face."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heartkit.errors import ModelError
from heartkit.models.backend import keras


class Graph:
    """The layers and operations of a model.

    Parameters
    ----------
    model : keras.Model
        Functional or sequential.

    Attributes
    ----------
    operations : dict of str to operation
        By name, in the order they run, inputs left out.

    Raises
    ------
    ModelError
        If it has no graph.
    """

    def __init__(self, model: keras.Model) -> None:
        self._model = functional(model)
        inner = [one for one in self._model.operations if not isinstance(one, keras.layers.InputLayer)]
        self.operations = {one.name: one for one in inner}
        self._users: dict[int, list[Any]] = {id(output): [None] for output in self._model.outputs}
        self._makers: dict[int, Any] = {}
        for one in inner:
            for tensor in keras.tree.flatten(one.input):
                self._users.setdefault(id(tensor), []).append(one)
            self._makers[id(one.output)] = one

    def maker(self, tensor: Any) -> Any:
        """Return the operation that a tensor comes from; None for an input."""
        return self._makers.get(id(tensor))

    def only_user(self, operation: Any) -> Any:
        """Return the one operation that reads what this one makes; None if there are several, or it is an output."""
        users = self._users.get(id(operation.output), [])
        return users[0] if len(users) == 1 else None

    def clone(self, make: Callable[[Any], Any], call: Callable[..., Any], inputs: Any = None) -> keras.Model:
        """Build the model anew, not compiled and with fresh weights.

        Parameters
        ----------
        make : callable
            ``(operation) -> operation`` in its place, of the same name.
        call : callable
            ``(new operation, *args, **kwargs) -> outputs``.
        inputs : KerasTensor, optional
            What to build on.

        Raises
        ------
        ModelError
            If a layer is called more than once: what is right for one of its calls need not be for the other.
        """
        called: set[str] = set()

        def call_once(operation: Any, *args: Any, **kwargs: Any) -> Any:
            if operation.name in called:
                raise ModelError(
                    f"Layer {operation.name!r} of model {self._model.name!r} is called more than once; "
                    "give each call a layer of its own."
                )
            called.add(operation.name)
            return call(operation, *args, **kwargs)

        return keras.models.clone_model(self._model, input_tensors=inputs, clone_function=make, call_function=call_once)


def functional(model: keras.Model) -> keras.Model:
    """Return a model of one input and one output as a functional one with the same layers, not compiled.

    Raises
    ------
    ModelError
        If it has no graph.
    """
    try:
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    except (AttributeError, TypeError, ValueError, IndexError) as error:
        raise ModelError(f"Model {model.name!r} is no graph of layers; build it with Keras' functional API.") from error


def again(operation: Any) -> Any:
    """Return a copy of a layer or operation with fresh weights."""
    return type(operation).from_config(operation.get_config())
