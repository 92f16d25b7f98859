import hashlib
import re
import shutil
import subprocess

import pytest

from heartkit.artifact.emit import c_header
from heartkit.artifact.inspect import inspect
from heartkit.errors import ConfigError
from tiny_network import converted

MAIN = """
#include <stdint.h>
#include <stdio.h>
#include "model.h"
int main(void) {
  if ((uintptr_t)tcn_model % 16 != 0) return 1;
  return fwrite(tcn_model, 1, tcn_model_len, stdout) != tcn_model_len;
}
"""


@pytest.mark.parametrize(("compiler", "suffix", "standard"), [("gcc", "c", "c11"), ("g++", "cc", "c++11")])
def test_a_compiled_program_gives_the_model_back(compiler, suffix, standard, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"{compiler} is not installed")
    (tmp_path / "model.h").write_text(c_header(converted("INT8"), "tcn_model", 4096))
    source, program = tmp_path / f"main.{suffix}", tmp_path / "main"
    source.write_text(MAIN)
    flags = [f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    subprocess.run([compiler, *flags, str(source), "-o", str(program)], check=True)
    assert subprocess.run([program], check=True, capture_output=True).stdout == converted("INT8")


def test_it_says_where_it_comes_from():
    model = converted("INT8")
    text, found = c_header(model, arena_bytes=12345), inspect(model)
    assert hashlib.sha256(model).hexdigest() in text
    assert "12345 bytes" in text
    assert f"int8 [1, 96, 1], scale {found.input.scale!r}, zero point {found.input.zero_point}" in text
    assert "AVERAGE_POOL_2D, CONV_2D, DEPTHWISE_CONV_2D, MUL, RESHAPE" in text
    assert bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", text)) == model
    assert f"const unsigned int g_model_len = {len(model)};" in text
    assert text == c_header(model, arena_bytes=12345)


@pytest.mark.parametrize("name", ["", "9lives", "my-model", "model.h", "int", "namespace", "é", "__model", "a b"])
def test_a_name_that_c_does_not_take_is_refused(name):
    with pytest.raises(ConfigError, match="tflm_var_name"):
        c_header(converted("INT8"), name)
