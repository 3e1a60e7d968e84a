# In: variables, again and again. Out: tf.train.ExponentialMovingAverage, whose shadow variables follow them.
from . import export
from .context import init_scope
from .variable import Variable
from .. import _core

_FLOATS = ("bfloat16", "float16", "float32", "float64")
_names = {}     # how often a shadow variable has been called so


def _shadow_name(name):
    count = _names[name] = _names.get(name, -1) + 1
    return f"{name}_{count}" if count else name


@export("train.ExponentialMovingAverage")
class ExponentialMovingAverage:
    """Moving averages of variables: each apply() moves a shadow variable towards its variable,
    shadow -= (1 - decay) * (shadow - variable), from the variable's value at the first call on.

    Args: decay: near 1.0 for slow averages. num_updates: a count of steps; then decay is at most (1 + n) / (10 + n).
    zero_debias: of graphs without eager execution; the shadows of variables begin at their values and need none.
    """

    def __init__(self, decay, num_updates=None, zero_debias=False, name="ExponentialMovingAverage"):
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages = {}     # variable.ref() -> shadow variable

    @property
    def name(self):
        return self._name

    def apply(self, var_list=None):
        """Makes the shadows of new variables, moves all others. Raises TypeError for what is no variable of floats."""
        call = _core.function_named
        variables = list(var_list or ())
        for variable in variables:
            if variable.dtype.name not in _FLOATS:
                raise TypeError("The variables must be half, float, or double: {}".format(variable.name))
            if not isinstance(variable, Variable):
                raise TypeError("tf.train.ExponentialMovingAverage does not support non-Variable tensors when eager execution is enabled.")
        for variable in variables:
            if variable.ref() not in self._averages:
                with init_scope():
                    self._averages[variable.ref()] = Variable(
                        variable.read_value(), trainable=False,
                        name=_shadow_name("{}/{}".format(variable.name.partition(":")[0], self._name)))
        decay = _core.convert(self._decay, "float32" if isinstance(self._decay, str) else None)
        if self._num_updates is not None:
            steps = call("tf.cast")(self._num_updates, "float32")
            decay = call("tf.minimum")(decay, (1.0 + steps) / (10.0 + steps))
        for variable in variables:
            shadow = self._averages[variable.ref()]
            shadow.assign_sub((shadow - variable) * call("tf.cast")(1.0 - decay, shadow.dtype))

    def average(self, var):
        """The shadow of a variable; None where apply() had none of it."""
        return self._averages.get(var.ref())

    def average_name(self, var):
        """The name of a variable's shadow, without ":0", whether there is one or not."""
        shadow = self.average(var)
        name = "{}/{}".format(var.name.partition(":")[0], self._name) if shadow is None else shadow.name.partition(":")[0]
        return name

    def variables_to_restore(self, moving_avg_variables=None):
        """{name: variable}: under which names a checkpoint of averages gives the values of variables; by default of all that
        apply() had."""
        if moving_avg_variables is None:
            moving_avg_variables = [ref.deref() for ref in self._averages]
        return {self.average_name(variable): variable for variable in moving_avg_variables}
