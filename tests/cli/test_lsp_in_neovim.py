"""The server in a real editor: Neovim starts it, shows what it says, and makes the changes that it offers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import needs
from program import TIMEOUT_S, Lading

pytestmark = needs.tool("nvim")

TEXT = "FROM debian:12 as Build\r\n# \U0001f600 \u00e9\r\nRUN echo '\U0001f600' && apt-get install curl=1\r\nMAINTAINER me\r\n"
SCRIPT = """
local python, file, report = ...
local said = {}
vim.cmd("edit " .. file)
vim.bo.filetype = "dockerfile"
local id = vim.lsp.start_client({
  name = "lading", cmd = { python, "-m", "lading", "lsp" }, root_dir = vim.fn.fnamemodify(file, ":h"),
})
vim.lsp.buf_attach_client(0, id)
local function found()
  return vim.diagnostic.get(0)
end
local function until_(what, done)
  assert(vim.wait(60000, done, 20), "waited in vain: " .. what .. vim.fn.execute("messages"))
end
local function has(code)
  for _, one in ipairs(found()) do
    if one.code == code then return one end
  end
end
-- What is chosen from the menu of actions.
local wanted
vim.ui.select = function(items, _, choose)
  for number, item in ipairs(items) do
    local title = (item[2] or item.action or item).title
    if title:find(wanted, 1, true) then return choose(item, number) end
  end
  error("not offered: " .. wanted)
end
local function act(title)
  wanted = title
  local before = vim.b.changedtick
  vim.lsp.buf.code_action()
  until_(title, function() return vim.b.changedtick ~= before end)
end

until_("findings", function() return #found() > 0 end)
for _, one in ipairs(found()) do
  table.insert(said, { code = one.code, line = one.lnum, column = one.col, finish = one.end_col, severity = one.severity })
end
local place = has("DL3014")
vim.api.nvim_win_set_cursor(0, { place.lnum + 1, place.col })
act("Ignore DL3015 here")
until_("one less", function() return not has("DL3015") end)
place = has("DL3014")
vim.api.nvim_win_set_cursor(0, { place.lnum + 1, place.col })
act("Make all safe fixes")
until_("fixed", function() return not has("DL3014") and not has("DL4000") end)
vim.cmd("write")
local out = io.open(report, "w")
out:write(vim.json.encode(said))
out:close()
vim.cmd("quitall!")
"""


def test_neovim(tmp_path: Path) -> None:
    program = Lading(tmp_path)
    file, script, report = tmp_path / "Dockerfile", tmp_path / "session.lua", tmp_path / "report.json"
    file.write_bytes(TEXT.encode())
    script.write_text(SCRIPT)
    call = f"lua local ok, err = pcall(loadfile({str(script)!r}), {sys.executable!r}, {str(file)!r}, {str(report)!r})"
    done = subprocess.run(
        ["nvim", "--headless", "--clean", "-c", f"{call} if not ok then print(err) vim.cmd('cquit') end"],
        capture_output=True, check=False, timeout=TIMEOUT_S, cwd=tmp_path, env=program.environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(report.read_text())
    # Neovim's columns are bytes; its severities those of the protocol.
    before = len("RUN echo '\U0001f600' && ".encode())
    assert {"code": "DL3014", "line": 2, "column": before, "finish": before + 7, "severity": 2} in found
    assert {one["code"] for one in found} >= {"DL3014", "DL3015", "DL4000", "StageNameCasing"}
    file.with_name("again").write_bytes(TEXT.replace("RUN", "# hadolint ignore=DL3015\r\nRUN").encode())
    program("lint", "--fix", "again")
    assert file.read_bytes() == file.with_name("again").read_bytes()
