"""In: the image that `ninefold init` describes, with Matplotlib. Out: what people see of it in a real Chromium.

One environment for all tests here, root's and then an ordinary user's: JupyterLab with Ninefold's kernel, TensorBoard,
SSH. Its image is made once; packages and layers stay in build/containers, so that later runs make only what a new wheel
changes. Screenshots lie in build/log/browser.
"""
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest
from conftest import KEPT, ROOT, Environment, free_port, wait_until

CHROMIUM = "/usr/bin/chromium"
WHEELS = os.environ.get("NINEFOLD_WHEELS", str(ROOT / "dist"))
SHOTS = ROOT / "build/log/browser"

FILE = """name = "workstation"
base = "debian:bookworm"
timezone = "Asia/Shanghai"
locale = "zh_CN.UTF-8"
[packages]
pip = ["matplotlib"]
[mounts]
"notebooks" = "/tf/notebooks"
[jupyter]
port = {jupyter}
[ssh]
port = {ssh}
authorized_keys = "{key}.pub"
[tensorboard]
port = {tensorboard}
[limits]
memory = "6g"
"""

# Ends by itself after 12 seconds, at the end of an epoch, however fast the machine is.
TRAIN = """
import time
import numpy as np
import tensorflow as tf
tf.random.set_seed(1)
x = np.random.default_rng(1).random((4096, 32), np.float32)
y = (x.sum(axis=1) > 16).astype("float32")

class Until(tf.keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.end = time.time() + 12
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = time.time() > self.end

model = tf.keras.Sequential([tf.keras.layers.Dense(1024, "relu", input_shape=(32,)),
                             tf.keras.layers.Dense(1024, "relu"), tf.keras.layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
began = time.time()
history = model.fit(x, y, batch_size=64, epochs=1000, callbacks=[Until(), tf.keras.callbacks.TensorBoard("/tf/logs/first")])
print("trained for", round(time.time() - began, 1), "s in", len(history.epoch), "epochs")
"""

# Every sign of the title alone: missing ones would all be the same box.
PLOT = """
%matplotlib inline
import warnings
import numpy as np
import matplotlib.pyplot as plt

def ink(text):
    figure = plt.figure(figsize=(1, 1))
    figure.text(0.1, 0.3, text, fontsize=40)
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., 0].copy()
    plt.close(figure)
    return pixels

with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    pictures = {sign: ink(sign).tobytes() for sign in "训练损失曲线"}
    figure, axes = plt.subplots(figsize=(5, 3))
    axes.plot(history.history["loss"])
    axes.set_title("训练损失曲线")
    axes.set_xlabel("轮次 (epoch)")
    axes.set_ylabel("损失")
    figure.canvas.draw()
print("signs", len(set(pictures.values())), "warnings", [str(w.message) for w in said])
plt.show()
"""


@pytest.fixture(scope="module")
def say(request):
    """Tells the person at the terminal what a long step does, past pytest's capture."""
    manager = request.config.pluginmanager.getplugin("capturemanager")

    def tell(text):
        with manager.global_and_fixture_disabled():
            print(f"\n  workstation: {text}", flush=True)
    return tell


class Workstation(Environment):
    def __init__(self, who, store, name="workstation"):
        self.store = Path(store)
        self.variables = {"NINEFOLD_STORE": str(store), "NINEFOLD_WHEELS": WHEELS}
        for variable in ("PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "http_proxy", "https_proxy", "no_proxy"):
            if variable in os.environ:
                self.variables[variable] = os.environ[variable]
        self.jupyter, self.tensorboard = free_port(), free_port()
        super().__init__(who, name)

    def write(self, text="", ssh=True):
        file = self.folder / "ninefold.toml"
        file.write_text(FILE.format(jupyter=self.jupyter, tensorboard=self.tensorboard, ssh=self.port, key=self.key))
        self.own(file)

    def own(self, *files):
        for file in files:
            os.chown(file, self.folder.stat().st_uid, self.folder.stat().st_gid)

    def __call__(self, *words, env=None, **options):
        return super().__call__(*words, env={**self.variables, **(env or {})}, **options)


@pytest.fixture(scope="module")
def made_once(root, say):
    """Root's project with its image in his store."""
    if not [p for p in Path(WHEELS).glob("ninefold-*.whl") if "-cp311-" in p.name]:
        pytest.skip(f"there is no wheel for Python 3.11 in {WHEELS}; tools/wheel makes one")
    kept = KEPT / "workstation"
    kept.mkdir(parents=True, exist_ok=True)
    made = Workstation(root, kept / "store")
    lock = made.folder / "ninefold.lock"
    if (kept / lock.name).exists():
        shutil.copy(kept / lock.name, lock)
    began = time.monotonic()
    say("locking (fetches packages the first time, about a minute)")
    done = made("lock", check=False, timeout=600)
    if done.returncode and lock.exists():  # of an older format, say
        lock.unlink()
        done = made("lock", timeout=600)
    assert done.returncode == 0, done.stderr
    shutil.copy(lock, kept / lock.name)
    say(f"locked in {time.monotonic() - began:.0f} s; building (one to three minutes the first time)")
    began = time.monotonic()
    # An earlier run's image may be of an earlier recipe: the same lock means that there is nothing to build.
    made("store", "remove", "workstation", check=False)
    made("build", timeout=600)
    say(f"built in {time.monotonic() - began:.0f} s; starting")
    yield made
    made("store", "gc")  # trees and layers of older wheels


def hand_over(made_once, made):
    """The image and its lock come to another user as by `load`, under his project's name; his tree he makes himself."""
    shutil.copy(made_once.folder / "ninefold.lock", made.folder)
    reference = json.loads((made_once.store / "refs/workstation").read_text())
    manifest = json.loads((made_once.store / "blobs/sha256" / reference["image"][7:]).read_text())
    made.who.run("mkdir", "-p", made.store / "blobs/sha256", made.store / "refs")
    names = [f"blobs/sha256/{digest[7:]}" for digest in
             [*reference.values(), *[one["digest"] for one in [manifest["config"], *manifest["layers"]]]]]
    for name, to in [("refs/workstation", f"refs/{made.name}"), *zip(names, names)]:
        shutil.copy(made_once.store / name, made.store / to)
        made.own(made.store / to)
    made.own(made.folder / "ninefold.lock")


@pytest.fixture(scope="module", params=["root", "user"])
def workstation(request, made_once):
    made = made_once
    if request.param == "user":
        user = request.getfixturevalue("user")
        made = Workstation(user, user.home / "store")
        hand_over(made_once, made)
    made.printed = made("up", "--wait", "120", timeout=180).stdout
    yield made
    made.down()
    if request.param == "user":
        made("store", "remove", "workstation")
        made("store", "gc", "--all", timeout=300)


@pytest.fixture(scope="module")
def url(workstation):
    """Jupyter's address with its token, as `up` printed it."""
    return re.search(r"^jupyter: +(\S+)$", workstation.printed, re.M)[1]


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright
    assert os.path.exists(CHROMIUM), "the package chromium is missing; tools/setup --tests installs it"
    with sync_playwright() as playwright:
        # Root may start Chromium only without its own sandbox; every page here is ours.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    context = chromium.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()


def shot(page, name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png")


class Notebook:
    """JupyterLab's notebook in the page, used as a person does: keys and what is written there."""

    def __init__(self, page):
        self.page = page
        page.locator(".jp-Notebook .cm-content").first.wait_for()
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")
        wait_until(lambda: "Idle" in self.status(), 60, "an idle kernel")

    def status(self):
        return self.page.locator(".jp-StatusBar-Widget, #jp-main-statusbar").first.inner_text()

    def start(self, text):
        """Writes into the last cell and runs it; a new one comes below."""
        cell = self.cells.last
        number = self.cells.count() - 1
        cell.locator(".cm-content").click()
        self.page.keyboard.insert_text(text.strip())
        self.page.keyboard.press("Shift+Enter")
        return number

    def prompt(self, number):
        return self.cells.nth(number).locator(".jp-InputPrompt").inner_text().strip()

    def output(self, number):
        return "\n".join(self.cells.nth(number).locator(".jp-OutputArea-output").all_inner_texts())

    def done(self, number):
        return bool(re.fullmatch(r"\[\d+\]:", self.prompt(number)))

    def run(self, text, seconds=60):
        number = self.start(text)
        wait_until(lambda: self.done(number), seconds, f"the end of {text.strip()[:40]!r}")
        return self.output(number)


def open_notebook(page, url):
    page.goto(url + "&reset")  # else JupyterLab opens what was open before
    page.locator('.jp-LauncherCard[data-category="Notebook"]').first.click()
    return Notebook(page)


def get(address):
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def test_up_tells_how_to_reach_it(workstation, url):
    assert re.fullmatch(rf"http://127\.0\.0\.1:{workstation.jupyter}/lab\?token=[0-9a-f]{{32,}}", url)
    printed = workstation.printed
    assert f"tensorboard:  http://127.0.0.1:{workstation.tensorboard}/\n" in printed
    assert f"ssh:          ssh -p {workstation.port} devuser@127.0.0.1 " in printed
    forward = re.search(rf"^from a PC: +ssh -N(( -L \d+:127\.0\.0\.1:\d+)+) {workstation.who.name}@\S+$", printed, re.M)[1]
    ports = {workstation.jupyter, workstation.port, workstation.tensorboard}
    assert forward.split(" -L ")[1:] and {w for w in forward.split(" -L ")[1:]} == {f"{p}:127.0.0.1:{p}" for p in ports}
    again = workstation("up").stdout
    assert url in again and "from a PC:" in again


def test_watching_shows_what_is_used(workstation):
    done = workstation.who.run("timeout", "4", "ninefold", "status", "workstation", "--watch", check=False)
    pictures = done.stdout.split("workstation: running for ")[1:]
    assert len(pictures) >= 2, done.stdout
    for picture in pictures[:-1]:  # the last may be cut
        assert re.search(r"^  memory +[\d.]+ MiB of 6\.0 GiB \((hard|soft)\)$", picture, re.M), picture
        assert re.search(r"^  processes +\d+$", picture, re.M) and re.search(r"^  cpus +\d+\.\d\d$", picture, re.M), picture


def test_no_token_and_a_wrong_token_are_refused(page, workstation, url):
    base = f"http://127.0.0.1:{workstation.jupyter}"
    assert get(f"{base}/api/contents")[0] == 403
    assert get(f"{base}/api/contents?token={'0' * 48}")[0] == 403
    assert get(url.replace("/lab?", "/api/contents?"))[0] == 200
    page.goto(f"{base}/lab")
    assert "/login" in page.url
    page.locator("#password_input").fill("0" * 48)
    page.locator("#login_submit").click()
    page.get_by_text("Invalid credentials").wait_for()
    assert page.locator(".jp-LauncherCard").count() == 0
    shot(page, "refused")


def test_a_cell_trains_and_its_losses_are_seen_as_they_come(page, workstation, url):
    notebook = open_notebook(page, url)
    began = time.monotonic()
    cell = notebook.start(TRAIN)
    seen = []  # losses read while the cell still runs
    while True:
        text = notebook.output(cell)
        if notebook.done(cell):
            break
        seen += [loss for loss in re.findall(r"loss: (\d+\.\d+)", text)[-1:] if loss not in seen]
        assert time.monotonic() - began < 120, text[-2000:]
        time.sleep(0.1)
    shot(page, "trained")
    final = notebook.output(cell)
    assert float(re.search(r"trained for ([\d.]+) s", final)[1]) >= 10
    assert len(seen) >= 5, seen
    # One line an epoch and its bar, as TensorFlow's: nothing of the steps in between stays.
    epochs = int(re.search(r"in (\d+) epochs", final)[1])
    bar = r"64/64 \[={30}\] - \d+s \d+[mu]s/step - loss: \d\.\d{4}(?:e-\d\d)? - accuracy: \d\.\d{4}\s*"
    lines = [line for line in final.splitlines() if line.strip()]
    assert len([line for line in lines if re.fullmatch(bar, line)]) == epochs, final
    assert [line for line in lines if line.startswith("Epoch ")] == [f"Epoch {i + 1}/1000" for i in range(epochs)]
    assert len(lines) == 2 * epochs + 1, final

    said = notebook.run(PLOT)
    assert "signs 6 warnings []" in said, said
    picture = notebook.cells.last.locator("xpath=preceding-sibling::*[1]").locator("img")
    assert picture.evaluate("image => image.naturalWidth") > 300
    picture.scroll_into_view_if_needed()
    time.sleep(0.5)
    shot(page, "chinese")

    page.keyboard.press("Control+s")
    page.locator(".jp-Dialog .jp-mod-accept").click()  # keeps the name that it proposes
    saved = workstation.folder / "notebooks/Untitled.ipynb"
    wait_until(lambda: saved.exists() and "trained for" in saved.read_text(), 20, "the saved notebook")
    page.reload()
    notebook = Notebook(page)
    wait_until(lambda: "trained for" in notebook.output(cell), 20, "the output after a reload")
    assert notebook.output(cell).split() == final.split()
    page.locator(".jp-Notebook img").first.wait_for()
    shot(page, "reloaded")


def test_a_script_follows_each_save(page, workstation, url):
    """`[jupyter] scripts`: beside the notebook, current after every save; a script of one's own is left as it is."""
    place = workstation.folder / "notebooks"
    before = set(place.glob("*.ipynb"))
    notebook = open_notebook(page, url)
    notebook.run("answer = 41\n%matplotlib inline")
    page.keyboard.press("Control+s")
    page.locator(".jp-Dialog .jp-mod-accept").click()  # keeps the name that it proposes
    wait_until(lambda: set(place.glob("*.ipynb")) - before, 20, "the saved notebook")
    script = (set(place.glob("*.ipynb")) - before).pop().with_suffix(".py")
    wait_until(lambda: script.exists() and "answer = 41\n# %matplotlib inline" in script.read_text(), 20, "its script")
    assert script.stat().st_uid == place.stat().st_uid
    notebook.run("print('answer', answer + 1)")
    page.keyboard.press("Control+s")
    wait_until(lambda: "print('answer', answer + 1)" in script.read_text(), 20, "the script of the second save")
    assert workstation.sh(f"python /tf/notebooks/{script.name}").stdout == "answer 42\n"
    assert page.get_by_text("official Jupyter news").count() == 0
    shot(page, f"script-{workstation.who.name}")
    workstation.sh(f"echo mine > /tf/notebooks/{script.name}")
    notebook.run("answer = 43")
    page.keyboard.press("Control+s")
    wait_until(lambda: "was not made from a notebook" in workstation("logs", "jupyter").stdout, 20, "a line in Jupyter's log")
    assert script.read_text() == "mine\n" and "answer = 43" in script.with_suffix(".ipynb").read_text()


# A training that goes on until it is stopped; each is slow for one reason, or for none.
SLOW = """
import time
import numpy as np
import tensorflow as tf
x = np.random.default_rng(1).random((512, 32), np.float32)
y = (x.sum(axis=1) > 16).astype("float32")
def rows():
    for i in range(0, 512, 32):
        time.sleep(0.02)
        yield x[i:i + 32], y[i:i + 32]
def model(kernel="glorot_uniform"):
    m = tf.keras.Sequential([tf.keras.layers.Dense(256, "relu", input_shape=(32,), kernel_initializer=kernel, trainable=kernel == "glorot_uniform"),
                             tf.keras.layers.Dense(1, "sigmoid")])
    m.compile("sgd", "binary_crossentropy")
    return m
data = tf.data.Dataset.from_generator(rows, output_signature=(tf.TensorSpec((None, 32)), tf.TensorSpec((None,))))
"""
REASONS = {
    "training-starved": ("model().fit(data, epochs=100000, verbose=0)", "model().fit(data.cache(), epochs=1000000, verbose=0)"),
    "training-denormals": ("model(tf.keras.initializers.Constant(1e-40)).fit(x, y, epochs=1000000, verbose=0)",
                           "model(tf.keras.initializers.Constant(1e-37)).fit(x, y, epochs=1000000, verbose=0)"),
    "training-threads-many": ("tf.config.threading.set_intra_op_parallelism_threads(64)\nmodel().fit(x, y, epochs=1000000, verbose=0)",
                              "model().fit(x, y, epochs=1000000, verbose=0)"),
}


@pytest.mark.parametrize("reason", REASONS)
def test_the_doctor_tells_why_training_is_slow(workstation, reason):
    def told():
        found = json.loads(workstation("doctor", "--json", check=False).stdout)
        return {one["id"]: one["evidence"] for one in found if one["id"].startswith("training-")}
    for program, expected in zip(REASONS[reason], ({reason}, set())):
        (workstation.folder / "notebooks/slow.py").write_text(SLOW + program)
        number = workstation("job", "run", "python", "/tf/notebooks/slow.py").stdout.strip()
        try:
            facts = "ls /dev/shm/ninefold 2>/dev/null || true"
            wait_until(lambda: ".json" in workstation.sh(facts).stdout, 60, "what the training tells")
            wait_until(lambda: set(told()) == expected, 20, f"{expected} of {told()}")
            assert all("slow.py" in text for text in told().values())
        finally:
            workstation("job", "stop", number)
    assert told() == {}   # of what has ended nothing is told


def test_tensorboard_shows_the_run_to_its_owner_only(page, workstation):
    base = f"http://127.0.0.1:{workstation.tensorboard}"
    wait_until(lambda: "first/train" in json.loads(get(f"{base}/data/runs")[1]), 30, "the run in TensorBoard")
    tags = json.loads(get(f"{base}/data/plugin/scalars/tags")[1])["first/train"]
    assert {"epoch_loss", "epoch_accuracy"} <= set(tags)
    scalars = json.loads(get(f"{base}/data/plugin/scalars/scalars?run=first/train&tag=epoch_loss")[1])
    notebook = (workstation.folder / "notebooks/Untitled.ipynb").read_text()
    losses = [float(loss) for loss in re.findall(r"64/64 \[=+\][^=]* - loss: (\d\.\d+(?:e-\d\d)?)", notebook)]
    assert [step for _, step, _ in scalars] == list(range(len(losses)))
    assert [value for _, _, value in scalars] == pytest.approx(losses, abs=6e-5)
    page.goto(f"{base}/#scalars")
    page.get_by_text("epoch_loss").first.wait_for()
    wait_until(lambda: curve_pixels(page) > 50, 20, "a curve")
    shot(page, "tensorboard")

    fetch = f"import urllib.request; print(urllib.request.urlopen('{base}/data/runs', timeout=5).read())"
    other = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "/usr/bin/python3", "-c", fetch],
                           capture_output=True, text=True)
    assert other.returncode != 0 and "first" not in other.stdout


def curve_pixels(page):
    """How many points of the first chart's curve the page has drawn."""
    return page.evaluate("""() => {
      let length = 0;
      const walk = root => root.querySelectorAll('*').forEach(e => {
        if (e.shadowRoot) walk(e.shadowRoot);
        if (e.tagName === 'path' && e.closest('line-chart, svg') && e.getTotalLength) length = Math.max(length, e.getTotalLength());
      });
      walk(document);
      return length;
    }""")


def test_the_magic_shows_tensorboard_below_jupyters_address(page, workstation, url):
    """`%tensorboard` of the real package: of the service's folder the service itself, of another one a second process."""
    base = f"http://127.0.0.1:{workstation.jupyter}"
    below = f"{base}/proxy/{workstation.tensorboard}/data/runs"
    for address, statuses in ((below, (302, 403)), (f"{below}?token={'0' * 48}", (302, 403)), (below + "?" + url.partition("?")[2], (200,)),
                              (f"{base}/proxy/9/?{url.partition('?')[2]}", (502,))):  # nobody listens there
        assert status_of(address) in statuses, address
    running = "pgrep -fc '^/opt/ninefold/tools/bin/python.* /opt/ninefold/tools/bin/tensorboard ' || true"
    assert workstation.sh(running).stdout == "1\n"
    notebook = open_notebook(page, url)
    for origin, refused in ((base, False), ("http://elsewhere.example", True), (None, True)):
        answer = page.context.request.post(f"{base}/proxy/{workstation.tensorboard}/data/none", headers={"Origin": origin} if origin else {})
        assert (answer.status == 403) == refused, (origin, answer.status)
    notebook.run("%load_ext tensorboard")
    notebook.run("%tensorboard --logdir /tf/logs")
    frame = page.frame_locator('iframe[id^="tensorboard-frame"]').first
    frame.get_by_text("epoch_loss").first.wait_for()
    assert page.locator('iframe[id^="tensorboard-frame"]').first.get_attribute("src").endswith(f"/proxy/{workstation.tensorboard}/")
    assert workstation.sh(running).stdout == "1\n"
    shot(page, f"magic-{workstation.who.name}")
    notebook.run("import os\nos.makedirs('/tmp/others', exist_ok=True)\n%tensorboard --logdir /tmp/others --port 0")
    second = page.locator('iframe[id^="tensorboard-frame"]').last
    wait_until(lambda: re.search(r"/proxy/\d+/$", second.get_attribute("src") or ""), 30, "the second frame")
    assert not second.get_attribute("src").endswith(f"/proxy/{workstation.tensorboard}/")
    page.frame_locator('iframe[id^="tensorboard-frame"]').last.get_by_text("No dashboards are active").first.wait_for()
    assert workstation.sh(running).stdout == "2\n"


def status_of(address):
    """Of one request, wherever its answer points on."""
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None
    try:
        with urllib.request.build_opener(Stay).open(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_an_interrupt_in_fit_leaves_the_kernel_usable_and_a_restart_makes_a_new_one(page, url):
    notebook = open_notebook(page, url)
    notebook.run(TRAIN.replace("+ 12", "+ 0"))
    cell = notebook.start("model.fit(x, y, batch_size=64, epochs=1000)")
    wait_until(lambda: "Epoch 2/1000" in notebook.output(cell), 60, "the second epoch")
    page.keyboard.press("Escape")
    page.keyboard.press("i")
    page.keyboard.press("i")
    wait_until(lambda: notebook.done(cell), 10, "the interrupt")
    assert "KeyboardInterrupt" in notebook.output(cell)
    assert "finite True" in notebook.run("h = model.fit(x, y, batch_size=64, verbose=0)\n"
                                         "print('finite', bool(np.isfinite(h.history['loss'][0])))")
    shot(page, "interrupted")
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.keyboard.press("0")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    wait_until(lambda: "Idle" in notebook.status(), 30, "the new kernel")
    assert "model is gone" in notebook.run("print('model is', 'here' if 'model' in globals() else 'gone')")
    assert "2.9.0" in notebook.run("import tensorflow as tf; print(tf.__version__)")


def test_work_goes_on_when_browser_and_ssh_are_gone(chromium, workstation, url):
    """A job, and a cell that runs while its page is closed."""
    go = "os.path.exists('/tf/notebooks/go')"
    script = "import os, time\nfor i in range(60):\n    print(i, flush=True)\n" \
             f"    while i == 30 and not {go}:\n        time.sleep(0.05)\nprint('whole')\n"
    (workstation.folder / "notebooks/long.py").write_text(script)
    context = chromium.new_context()
    notebook = open_notebook(context.new_page(), url)
    number = workstation("job", "run", "python", "/tf/notebooks/long.py").stdout.strip()
    looks = subprocess.Popen(["ssh", "-p", str(workstation.port), "-i", str(workstation.key), "-o", "StrictHostKeyChecking=no",
                              "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "devuser@127.0.0.1",
                              "sleep", "1000"], stdin=subprocess.DEVNULL)
    cell = notebook.start(f"import os, time\nwhile not {go}:\n    time.sleep(0.05)\n"
                          "open('/tf/notebooks/after', 'w').write('written')")
    wait_until(lambda: notebook.prompt(cell) == "[*]:", 10, "the running cell")
    context.close()
    looks.send_signal(signal.SIGKILL)
    looks.wait()
    assert workstation.jobs()[-1]["state"] == "running"
    (workstation.folder / "notebooks/go").touch()
    assert workstation("job", "wait", number).returncode == 0
    assert workstation("job", "logs", number).stdout == "".join(f"{i}\n" for i in range(60)) + "whole\n"
    after = workstation.folder / "notebooks/after"
    wait_until(lambda: after.exists() and after.read_text() == "written", 10, "the cell's file")


# What is typed, and what must be answered.
TYPED = [
    ("sudo apt install -y ffmpeg libsm6", 1, "    ninefold add --apt ffmpeg libsm6\n"),
    ("sudo -E DEBIAN_FRONTEND=noninteractive apt-get install ffmpeg", 1, "    ninefold add --apt ffmpeg\n"),
    ("apt-get update", 1, "    ninefold lock --upgrade\n"),
    ("sudo pip install pandas", 1, "    ninefold add pandas\n"),
    ("sudo -i", 1, "sudo: nobody is root inside workstation"),
    ("sudo rm -rf /", 1, "sudo: nobody is root inside workstation"),
    ("apt --version", 0, "apt 2."),
    ("date -d @0 +%H:%M%Z", 0, "08:00CST\n"),
    ("LC_TIME=zh_CN.UTF-8 date -d @0 +%B", 0, "一月\n"),
    ("python -c 'import locale; locale.setlocale(locale.LC_ALL, \"\"); print(locale.getlocale())'", 0,
     "('zh_CN', 'UTF-8')\n"),
    ("python -c 'import tensorflow as tf; print(tf.__version__)'", 0, "2.9.0\n"),
    ("command -v python", 0, "/opt/env/bin/python\n"),
]


def as_notebook(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "execution_count": None, "metadata": {"tags": tags}, "outputs": [], "source": source}
                                 for source, tags in cells], "metadata": {}, "nbformat": 4, "nbformat_minor": 4})


def test_a_notebook_runs_without_a_browser(workstation):
    place = workstation.folder / "notebooks"
    file, out = place / "run.ipynb", place / "out.ipynb"
    file.write_text(as_notebook(("epochs = 1\nwhere = ''", ["parameters"]), ("import os, tensorflow as tf", []),
                                ("print(tf.__version__, epochs * 2, where, os.getcwd())", [])))
    workstation.own(file)
    done = workstation("notebook", "run", "--param", "epochs=21", "--param", "where=it's here", "--output", out, file, timeout=120)
    cells = json.loads(out.read_text())["cells"]
    assert "".join(cells[1]["source"]) == "# Parameters\nepochs = 21\nwhere = 'it\\'s here'", done.stderr
    assert "".join(cells[3]["outputs"][0]["text"]) == "2.9.0 42 it's here /tf/notebooks\n", done.stderr
    assert [cell["execution_count"] for cell in cells] == [1, 2, 3, 4] and done.stderr == "".join(f"cell {n} of 4\n" for n in range(1, 5))
    assert json.loads(file.read_text())["cells"][0]["execution_count"] is None and out.stat().st_uid == file.stat().st_uid
    # What fails ends with 1, and its error is in the notebook; what comes after it did not run.
    file.write_text(as_notebook(("x = 1", []), ("print('before')\n1 / 0", []), ("x = 2", [])))
    done = workstation("notebook", "run", file, check=False, timeout=120)
    assert done.returncode == 1 and "ZeroDivisionError: division by zero" in done.stderr
    cells = json.loads(file.read_text())["cells"]
    assert cells[1]["outputs"][1]["ename"] == "ZeroDivisionError" and cells[2]["execution_count"] is None
    # The documents' example, as it stands there.
    file.write_text(as_notebook(((ROOT / "examples/classifier.py").read_text(), [])))
    done = workstation("notebook", "run", file, timeout=120)
    trained = "".join(text for output in json.loads(file.read_text())["cells"][0]["outputs"] for text in output.get("text", []))
    assert done.returncode == 0 and "Epoch 5/5" in trained and "accuracy:" in trained, trained
    file.write_text(as_notebook(("import time\ntime.sleep(60)", [])))
    done = workstation("notebook", "run", "--timeout", "2", file, check=False, timeout=60)
    assert done.returncode == 1 and "more than 2 s" in done.stderr, done.stderr
    for one in (file, out):
        one.unlink()


@pytest.mark.parametrize("line,status,says", TYPED)
@pytest.mark.parametrize("way", ["exec", "login shell over ssh"])
def test_what_is_typed_inside(workstation, way, line, status, says):
    if way == "exec":
        done = workstation.sh(line, check=False)
    else:
        done = workstation.ssh("bash -lc " + shlex.quote(line), check=False)
    assert (done.returncode, says in done.stdout + done.stderr) == (status, True), (done.stdout, done.stderr)


def test_a_zone_that_is_not_there(workstation):
    folder = workstation.who.home / "mars"
    workstation.who.run("mkdir", folder)
    text = (workstation.folder / "ninefold.toml").read_text()
    (folder / "ninefold.toml").write_text(re.sub('name = ".*"', 'name = "mars"', text).replace("Asia/Shanghai", "Mars/Olympus"))
    shutil.copy(workstation.folder / "ninefold.lock", folder)
    workstation.own(*folder.iterdir())
    for verb, status in (("lock", 0), ("up", 2), ("store", 0)):
        words = [verb, "remove", "mars"] if verb == "store" else [verb]
        done = workstation.who.run("ninefold", *words, cwd=folder, env=workstation.variables, check=False, timeout=120)
        assert done.returncode == status, done.stderr
        if verb == "up":
            assert "ninefold.toml:3:12: there is no time zone Mars/Olympus" in done.stderr


def wheel(folder, name, version, text):
    """A wheel of one module, made by hand."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", text)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return path


def test_pip_installs_by_hand_until_down(page, workstation, url):
    """New packages, another version of one that the image has, and one taken away: seen by kernels and jobs, named by diff."""
    folder = workstation.folder / "notebooks"
    wheel(folder, "handmade", "1.5", "def answer():\n    return 42\n")
    wheel(folder, "six", "99.0", "__version__ = '99.0'\n")
    here = "pip install -q --no-index --find-links /tf/notebooks"
    notebook = open_notebook(page, url)
    assert "ERROR" not in notebook.run(f"!{here} handmade")
    assert "42" in notebook.run("import handmade; print(handmade.answer())")
    assert workstation.sh(f"{here} six==99.0").returncode == 0
    assert workstation.sh("pip uninstall -q -y packaging").returncode == 0
    number = workstation("job", "run", "python", "-c", "import six, handmade; print(six.__version__, handmade.answer())").stdout.strip()
    workstation("job", "wait", number)
    assert workstation("job", "logs", number).stdout == "99.0 42\n"
    changes = json.loads(workstation("diff", "--json").stdout)
    assert changes["packages"] == ["handmade==1.5", "six==99.0"] and changes["removed"] == ["packaging"]
    said = workstation("diff").stdout
    assert "\nto keep these: ninefold add handmade==1.5 six==99.0\n" in said
    assert "\nremoved by hand: packaging; `ninefold remove` takes what the file names out of it\n" in said
    # Ninefold's own are no part of it, and the real TensorFlow does not come by hand either.
    assert workstation.sh("pip uninstall -q -y ninefold; python -c 'import tensorflow as tf; print(tf.__version__)'").stdout == "2.9.0\n"
    done = workstation.sh("pip install -q --no-index tensorflow-cpu", check=False)
    assert done.returncode == 1 and "tensorflow-cpu" in done.stderr
