# In: arguments of Conv1D, Conv2D and Conv3D. Out: their Python manners: convolution_op(), which a class may override.
import weakref

from . import shell
from .layer import Layer
from .shell import base


class Convolution(Layer):
    """A convolution of windows with a kernel; a class derived from one of these may say how, in convolution_op()."""

    def _adopt(self, handle, overrides=True):
        super()._adopt(handle, overrides)
        if overrides and shell._is_base(type(self).call) and not shell._is_base(type(self).convolution_op):
            me = weakref.ref(self)
            handle.override("call", lambda inputs, *args, **kwargs: me()._convolved(inputs))

    @property
    def rank(self):
        """How many axes the windows have."""
        return len(self.kernel_size)

    def _format(self):
        axes = {1: "W", 2: "HW", 3: "DHW"}[self.rank]
        return "NC" + axes if self.data_format == "channels_first" else "N" + axes + "C"

    @base
    def convolution_op(self, inputs, kernel):
        """The convolution of inputs with a kernel, by this layer's strides, padding and dilations; without bias and activation."""
        from .. import nn, pad
        padding = self.padding
        if padding == "causal":     # Conv1D: zeros before the first step
            before = [self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]
            inputs = pad(inputs, [[0, 0], [0, 0], before] if self.data_format == "channels_first" else [[0, 0], before, [0, 0]])
            padding = "valid"
        return nn.convolution(inputs, kernel, strides=list(self.strides), padding=padding.upper(), dilations=list(self.dilation_rate),
                              data_format=self._format())

    def _convolved(self, inputs):
        """What call() does with a convolution_op() of the user's."""
        outputs = self.convolution_op(inputs, self.kernel)
        if self.use_bias:
            first = self.data_format == "channels_first"
            outputs = outputs + (self.bias[(slice(None), *[None] * self.rank)] if first else self.bias)
        return outputs if self.activation is None else self.activation(outputs)
