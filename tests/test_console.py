"""What is printed, where, and how loudly."""

import pytest

from heartkit import console


@pytest.fixture(autouse=True)
def usual_verbosity():
    yield
    console.set_verbosity(1)


def test_answers_go_to_stdout_and_the_rest_to_stderr(capsys):
    console.answer("the answer")
    console.say("how it goes")
    console.warn("careful")
    console.fail("it ended")
    out, err = capsys.readouterr()
    assert out == "the answer\n"
    assert err == "how it goes\nwarning careful\nerror it ended\n"


@pytest.mark.parametrize(("verbosity", "said"), [(0, ""), (1, "one\n"), (2, "one\ntwo\n")])
def test_verbosity(capsys, verbosity, said):
    console.set_verbosity(verbosity)
    console.say("one")
    console.say("two", level=2)
    console.answer("answer")
    console.fail("wrong")
    assert capsys.readouterr() == ("answer\n", said + "error wrong\n")


@pytest.mark.parametrize(
    "text", ["[red]no colour[/red]", ":heart: [1, 2]", "C:\\[x]\\", "[/]", "x" * 300, "a\nb", "µV ≥ 5"]
)
def test_text_is_printed_as_it_is(capsys, text):
    console.answer(text)
    console.say(text)
    console.warn(text)
    console.fail(text)
    assert capsys.readouterr() == (f"{text}\n", f"{text}\nwarning {text}\nerror {text}\n")


def test_a_table_is_an_answer(capsys):
    console.table(["name", "what"], [["ludb", "[200] ECGs"], ["x", ":heart:"]], title="datasets")
    out, err = capsys.readouterr()
    assert err == ""
    lines = [line.split() for line in out.splitlines() if line.strip()]
    assert lines[0] == ["datasets"]
    assert lines[1] == ["name", "what"]
    assert lines[-2:] == [["ludb", "[200]", "ECGs"], ["x", ":heart:"]]


def test_progress_counts_to_the_end(capsys):
    with console.progress("Counting", 3) as advance:
        for _ in range(3):
            advance(1, "a note")
    out, err = capsys.readouterr()
    assert out == ""
    assert "Counting" in err
    assert "3/3" in err
    assert "a note" in err


@pytest.mark.parametrize(("verbosity", "shown"), [(0, True), (1, False)])
def test_progress_can_be_quiet(capsys, verbosity, shown):
    console.set_verbosity(verbosity)
    with console.progress("Counting", None, shown) as advance:
        advance(5)
    assert capsys.readouterr() == ("", "")
