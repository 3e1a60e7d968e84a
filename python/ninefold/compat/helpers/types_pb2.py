# Out: the numbers of DataType: DT_FLOAT and its like.
from ..._framework.tensor_proto import DATA_TYPE as DataType, DATA_TYPES

globals().update({"DT_" + name: number for number, name in DATA_TYPES.items()})
