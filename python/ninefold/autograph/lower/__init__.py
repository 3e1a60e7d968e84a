# In: the syntax tree of one function.
# Out: one module a construct, each rewriting its construct only; pipeline.py says the order.
