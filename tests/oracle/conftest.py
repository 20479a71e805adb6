import os
import subprocess

import pytest


@pytest.fixture
def aws_tool():
    """aws_tool(command, rows): one row of results for each row of fields, all fields bytes."""

    def call(command, rows):
        lines = "".join("\t".join(field.hex() for field in row) + "\n" for row in rows)
        done = subprocess.run([os.environ["AIGW_AWS_TOOL"], command], input=lines.encode(),
                              stdout=subprocess.PIPE, timeout=200, check=True)
        answers = done.stdout.decode().splitlines()
        assert len(answers) == len(rows)
        return [[bytes.fromhex(field) for field in answer.split("\t")] for answer in answers]

    return call
