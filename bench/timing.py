# In: a function to call. Out: seconds a call: the best of a few blocks, after a warm-up.
import time


def per_call(f, calls, blocks=5):
    f()
    best = float("inf")
    for _ in range(blocks):
        begin = time.perf_counter()
        for _ in range(calls):
            f()
        best = min(best, (time.perf_counter() - begin) / calls)
    return best


def per_step(model, x, y, batch, epochs=5, blocks=3, **options):
    """Seconds a training step of fit, with shuffling, metrics and default callbacks on."""
    steps = -(-len(x) // batch)
    return per_call(lambda: model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, **options), 1, blocks) / (
        steps * epochs)
