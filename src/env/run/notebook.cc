// In: [jupyter] and [tensorboard] of a Spec. Out: Jupyter's configuration, what writes scripts of saved notebooks, and the
// two programs by which `%tensorboard` in a notebook shows TensorBoard below Jupyter's own address.
#include <fmt/format.h>

#include "env/run/plan.h"

namespace ninefold::env::run {
namespace {

constexpr const char* kInside = "/run/ninefold";

// A notebook's page knows Jupyter's address only: behind `ssh -L`, or published with TLS, nothing else is reachable.
constexpr const char* kProxy = R"py("""Written by Ninefold. In: requests for /proxy/PORT/ of who is logged in. Out: what that port here answers."""
from jupyter_server.base.handlers import JupyterHandler
from tornado import httpclient, web

ASKED = ("Accept", "Accept-Encoding", "Content-Type", "If-Modified-Since", "If-None-Match", "Range", "X-TensorBoard-Feature-Flags")
# Of one connection, or of the other server's own.
KEPT_BACK = ("Connection", "Content-Length", "Date", "Keep-Alive", "Server", "Set-Cookie", "Transfer-Encoding")


class Proxied(JupyterHandler):
    def check_xsrf_cookie(self):
        """What stands behind knows no _xsrf: a page of another origin is told by its Origin, which every browser sends."""
        if not hasattr(self, "_jupyter_current_user") or self.token_authenticated:
            return
        if not self.check_origin() or (self.request.method == "POST" and "Origin" not in self.request.headers):
            raise web.HTTPError(403, "a page of another origin asked")

    async def forward(self, port, path):
        if not 0 < int(port) < 65536:
            raise web.HTTPError(404, f"there is no port {port}")
        query = "?" + self.request.query if self.request.query else ""
        # Neither cookies nor tokens go along: they are Jupyter's.
        headers = {name: self.request.headers[name] for name in ASKED if name in self.request.headers}
        try:
            answer = await httpclient.AsyncHTTPClient(force_instance=True).fetch(
                f"http://127.0.0.1:{port}/{path}{query}", method=self.request.method, headers=headers, raise_error=False,
                body=self.request.body if self.request.method == "POST" else None, follow_redirects=False,
                decompress_response=False, request_timeout=120)
        except (OSError, httpclient.HTTPError) as error:
            raise web.HTTPError(502, f"nothing answers on port {port} of this environment: {error}") from error
        if answer.code == 599:
            raise web.HTTPError(502, f"nothing answers on port {port} of this environment")
        self.set_status(answer.code, answer.reason)
        for name, value in answer.headers.get_all():
            if name not in KEPT_BACK:
                # Frames of other sites stay outside, as for Jupyter's own pages.
                self.set_header(name, value.replace("frame-ancestors *", "frame-ancestors 'self'"))
        self.finish(answer.body or b"")

    @web.authenticated
    async def get(self, port, path):
        await self.forward(port, path)

    @web.authenticated
    async def head(self, port, path):
        await self.forward(port, path)

    @web.authenticated
    async def post(self, port, path):
        await self.forward(port, path)


def _jupyter_server_extension_points():
    return [{"module": "ninefold_proxy"}]


def _load_jupyter_server_extension(server):
    server.web_app.add_handlers(".*$", [(r"/proxy/(\d+)/(.*)", Proxied)])
)py";

// After a save the notebook is safe, so what goes wrong here is told in the log and nowhere else.
constexpr const char* kScripts = R"py("""Written by Ninefold. In: a notebook that was saved. Out: a script of it, beside it."""
import subprocess


def export(os_path, model, contents_manager, **_):
    if model["type"] != "notebook":
        return
    try:
        done = subprocess.run(["/opt/ninefold/python/bin/ninefold", "notebook", "export", os_path], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=30)
        said = done.stderr.strip() if done.returncode else ""
    except (OSError, subprocess.SubprocessError) as fault:
        said = str(fault)
    if said:
        contents_manager.log.warning("no script of %s: %s", os_path, said)
)py";

// A notebook's magic starts the first `tensorboard` on PATH and waits until one is noted for its arguments.
constexpr const char* kTensorBoard = R"py(#!/opt/ninefold/tools/bin/python -I
"""Written by Ninefold. In: what `%tensorboard` was given. Out: this environment's own TensorBoard where it shows that
folder already, else another one."""
import os
import socket
import sys
import time

LOGDIR, PORT, REAL = "@LOGDIR@", @PORT@, "/opt/ninefold/tools/bin/tensorboard"


def is_ours(arguments):
    words = [word for argument in arguments for word in argument.split("=", 1)]
    if sys.stdout.isatty() or len(words) != 2 or words[0] != "--logdir":
        return False
    if os.path.realpath(os.path.expanduser(words[1])) != os.path.realpath(LOGDIR):
        return False
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


if is_ours(sys.argv[1:]):
    from tensorboard import manager, version
    key = manager.cache_key(working_directory=os.getcwd(), arguments=sys.argv[1:], configure_kwargs={})
    manager.write_info_file(manager.TensorBoardInfo(version=version.VERSION, start_time=int(time.time()), pid=os.getpid(), port=PORT,
                                                    path_prefix="", logdir=LOGDIR, db="", cache_key=key))
    time.sleep(10)  # the magic looks while we live; the note stays, and the next one is answered at once
else:
    own = "/opt/env/bin/tensorboard"
    program = own if os.access(own, os.X_OK) else REAL
    os.execv(program, [program, *sys.argv[1:]])
)py";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

// As Python and JSON write it.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::vector<File> notebook_files(const Spec& spec, const std::vector<Bind>& binds, bool published, const Doors& doors) {
  if (!spec.jupyter) return {};
  // The folder itself is part of the image: what is made there is gone after `down`.
  std::string start;
  for (const Bind& bind : binds) {
    if (bind.to.rfind(spec.jupyter->folder + "/", 0) != 0 || bind.read_only) continue;
    const std::string below = bind.to.substr(spec.jupyter->folder.size() + 1);
    if (start.empty() || below == "notebooks") start = below;
  }
  for (const Bind& bind : binds)
    if (bind.to == spec.jupyter->folder) start.clear();
  std::vector<File> files = {{"jupyter.py", fmt::format("# Written by Ninefold.\n"
                                                        "import sys\n"
                                                        "sys.path.append('{4}/boot')\n"
                                                        "c.ServerApp.ip = '{5}'\n"
                                                        "c.ServerApp.port = {0}\n"
                                                        "c.ServerApp.port_retries = 0\n"
                                                        "c.ServerApp.open_browser = False\n"
                                                        "c.ServerApp.jpserver_extensions = {{'ninefold_proxy': True}}\n"
                                                        "c.LabApp.news_url = None\n"
                                                        "c.LabApp.check_for_updates_class = 'jupyterlab.NeverCheckForUpdate'\n"
                                                        "c.ServerApp.root_dir = '{1}'\n"
                                                        "c.FileContentsManager.preferred_dir = '{2}'\n"
                                                        "c.ServerApp.allow_remote_access = {3}\n"
                                                        "c.IdentityProvider.token = open('{6}').read().strip()\n"
                                                        "{7}",
                                                        spec.jupyter->port, spec.jupyter->folder, start, published || doors.open ? "True" : "False", kInside,
                                                        doors.open ? "*" : "127.0.0.1", doors.token,
                                                        spec.jupyter->scripts ? "import ninefold_scripts\nc.FileContentsManager.post_save_hook = ninefold_scripts.export\n"
                                                                              : "")},
                             {"ninefold_proxy.py", kProxy},
                             // Without a word on news its page asks whether it may fetch them.
                             {"labconfig/default_setting_overrides.json",
                              R"({"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}})" "\n"}};
  if (spec.jupyter->scripts) files.push_back({"ninefold_scripts.py", kScripts});
  if (spec.tensorboard)
    files.push_back({"bin/tensorboard",
                     replaced(replaced(kTensorBoard, "@LOGDIR@", escaped(spec.tensorboard->logdir)), "@PORT@", std::to_string(spec.tensorboard->port)), true});
  return files;
}

}  // namespace ninefold::env::run
