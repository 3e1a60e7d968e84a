# In: a Sequence or a generator. Out: its batches in order, made ahead by threads: tf.keras.utils.OrderedEnqueuer and its like.
import queue
import random
import threading
from concurrent.futures import ThreadPoolExecutor


class SequenceEnqueuer:
    """Threads that make batches ahead: start(), then get() is a generator of them, then stop()."""

    def __init__(self, sequence, use_multiprocessing=False):
        if use_multiprocessing:
            raise NotImplementedError("use_multiprocessing is not supported yet; start(workers=..) takes threads")
        self.sequence, self.use_multiprocessing = sequence, use_multiprocessing
        self.workers, self.queue, self.run_thread, self.stop_signal = 0, None, None, None

    def is_running(self):
        return self.stop_signal is not None and not self.stop_signal.is_set()

    def start(self, workers=1, max_queue_size=10):
        """Begins with so many threads, no more than so many batches ahead. Raises ValueError without a thread."""
        if workers < 1:
            raise ValueError("Number of processes must be at least 1")
        self.workers, self.queue, self.stop_signal = workers, queue.Queue(max_queue_size), threading.Event()
        self.run_thread = threading.Thread(target=self._run, daemon=True)
        self.run_thread.start()

    def stop(self, timeout=None):
        """Ends the threads; batches that were made and not taken are lost."""
        self.stop_signal.set()
        with self.queue.mutex:
            self.queue.queue.clear()
            self.queue.unfinished_tasks = 0
            self.queue.not_full.notify_all()
            self.queue.all_tasks_done.notify_all()
        if self.run_thread is not threading.current_thread():
            self.run_thread.join(timeout)

    def __del__(self):
        if getattr(self, "stop_signal", None) is not None and self.is_running():
            self.stop()

    def _run(self):
        raise NotImplementedError

    def get(self):
        """The batches, one after the other."""
        raise NotImplementedError

    def _put(self, future):
        """Whether it was put before the end came."""
        while self.is_running():
            try:
                self.queue.put(future, timeout=0.2)     # within that time an end is noticed
                return True
            except queue.Full:
                pass
        future.cancel()
        return False

    def _take(self):
        """The next batch's future, None at the end."""
        while self.is_running():
            try:
                return self.queue.get(timeout=0.2)
            except queue.Empty:
                pass
        return None


class OrderedEnqueuer(SequenceEnqueuer):
    """A Sequence's batches, epoch after epoch, in their order or (shuffle) in one of Python's random; between epochs, when all
    are taken, on_epoch_end is called."""

    def __init__(self, sequence, use_multiprocessing=False, shuffle=False):
        super().__init__(sequence, use_multiprocessing)
        self.shuffle = shuffle

    def _run(self):
        order = list(range(len(self.sequence)))
        with ThreadPoolExecutor(self.workers) as pool:
            while self.is_running():
                if self.shuffle:
                    random.shuffle(order)
                for index in order:
                    if not self._put(pool.submit(self.sequence.__getitem__, index)):
                        return
                with self.queue.all_tasks_done:
                    while self.queue.unfinished_tasks and self.is_running():
                        self.queue.all_tasks_done.wait()
                if self.is_running():
                    self.sequence.on_epoch_end()

    def get(self):
        while True:
            future = self._take()
            if future is None:
                return
            try:
                batch = future.result()
            except Exception:
                self.stop()
                raise
            if self.is_running():
                self.queue.task_done()
            if batch is not None:
                yield batch


_END = object()     # a StopIteration can not leave a future and a generator as itself


class GeneratorEnqueuer(SequenceEnqueuer):
    """What a generator gives, made ahead; with several workers the generator must be safe to share between threads."""

    def __init__(self, generator, use_multiprocessing=False, random_seed=None):
        super().__init__(generator, use_multiprocessing)
        self.random_seed = random_seed      # of processes, which there are none of

    def _run(self):
        ended = threading.Event()

        def following():
            found = next(self.sequence, _END)
            if found is _END:
                ended.set()
            return found
        with ThreadPoolExecutor(self.workers) as pool:
            while self.is_running():
                if ended.is_set():
                    found = pool.submit(lambda: _END)
                    self._put(found)
                    return
                if not self._put(pool.submit(following)):
                    return

    def get(self):
        while True:
            future = self._take()
            if future is None:
                return
            try:
                batch = future.result()
            except Exception as error:
                self.stop()
                if "generator already executing" in str(error):
                    raise RuntimeError("Your generator is NOT thread-safe. Keras requires a thread-safe generator when "
                                       "`use_multiprocessing=False, workers > 1`. ") from error
                raise
            if batch is _END:
                yield from self._rest()
                return
            if batch is not None:
                yield batch

    def _rest(self):
        """What other workers drew before the end was seen."""
        left = []
        while not self.queue.empty():
            left.append(self.queue.get_nowait())
        self.stop()
        for future in left:
            batch = future.result() if not future.cancelled() else None
            if batch is not _END and batch is not None:
                yield batch
