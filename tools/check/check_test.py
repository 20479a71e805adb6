#!/usr/bin/env python3
"""The checkers fail on what they are there to catch, and pass what is right."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import layers  # noqa: E402
import limits  # noqa: E402
import symbols  # noqa: E402
import tidy  # noqa: E402


class Tree(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def assert_one(self, problems, *words):
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])


class LayersTest(Tree):
    TABLE = ("base:\n"
             "json: base  # a comment\n"
             "dialect/*: base json\n"
             "exchange: base dialect/*\n"
             "fronts/module: base exchange\n"
             "only fronts/module/abi.h: fronts/module tests/fake_envoy\n"
             "only grpc: fronts/extproc\n")

    def check(self):
        return layers.check(self.root, self.TABLE)

    def test_what_the_table_allows_passes(self):
        self.write("src/base/a.h", "#include <string>\n")
        self.write("src/json/a.cc", '#include "json/a.h"\n#include "base/a.h"\n')
        self.write("src/dialect/x/a.cc", '#include "json/a.h"\n')
        self.write("src/exchange/a.cc", '#include "dialect/x/a.h"\n')
        self.write("src/fronts/module/a.cc",
                   '#include "exchange/a.h"\n#include "fronts/module/abi.h"\n')
        self.write("tests/fake_envoy/a.cc", '#include "fronts/module/abi.h"\n')
        self.assertEqual(self.check(), [])

    def test_an_include_against_the_table(self):
        self.write("src/base/a.h", '\n#include "json/a.h"\n')
        self.assert_one(self.check(), "src/base/a.h:2", "base may not include json")

    def test_a_dialect_does_not_see_another(self):
        self.write("src/dialect/x/a.cc", '#include "dialect/x/b.h"\n')
        self.write("src/dialect/y/a.cc", '#  include "dialect/x/a.h"\n')
        self.assert_one(self.check(), "dialect/y may not include dialect/x")

    def test_the_abi_is_for_the_module_alone(self):
        self.write("src/exchange/a.cc", '#include "fronts/module/abi.h"\n')
        problems = self.check()
        self.assertIn("is only for", problems[0])
        self.write("src/exchange/a.cc", "")
        self.write("tests/e2e/a.cc", '#include "fronts/module/abi.h"\n')
        self.assert_one(self.check(), "tests/e2e/a.cc:1", "is only for")

    def test_a_reserved_external_header(self):
        self.write("src/base/a.cc", "#include <grpcpp/grpcpp.h>\n")
        self.assert_one(self.check(), "grpcpp/grpcpp.h is only for fronts/extproc")

    def test_a_unit_test_may_include_what_tests_may(self):
        table = self.TABLE + "only nlohmann/: tests\n"
        self.write("src/base/a_test.cc", "#include <nlohmann/json.hpp>\n")
        self.assertEqual(layers.check(self.root, table), [])
        self.write("src/base/a.cc", "#include <nlohmann/json.hpp>\n")
        self.assert_one(layers.check(self.root, table), "src/base/a.cc:1")

    def test_an_include_that_is_not_rooted(self):
        self.write("src/base/a.cc", '#include "a.h"\n')
        self.assert_one(self.check(), "names no room")

    def test_a_folder_without_a_row(self):
        self.write("src/attic/a.cc", "")
        self.assert_one(self.check(), "src/attic/a.cc", "in no row")

    def test_a_cycle_of_the_tree(self):
        self.write("src/base/a.h", '#include "json/a.h"\n')
        self.write("src/json/a.h", '#include "base/a.h"\n')
        self.assertTrue(any("include each other: base -> json -> base" in p for p in self.check()))

    def test_a_cycle_of_the_table(self):
        (self.root / "src").mkdir()
        problems = layers.check(self.root, "a: b\nb: c\nc: a\n")
        self.assert_one(problems, "layers.txt has a cycle: a -> b -> c -> a")


class SymbolsTest(Tree):
    GOOD = ('extern "C" {\n'
            "void envoy_dynamic_module_callback_strong();\n"
            "__attribute__((weak)) void envoy_dynamic_module_callback_weak();\n"
            '__attribute__((visibility("default"))) void envoy_dynamic_module_on_a() {\n'
            "  envoy_dynamic_module_callback_strong();\n"
            "  if (envoy_dynamic_module_callback_weak) envoy_dynamic_module_callback_weak();\n"
            "}\n}\n")
    FLAGS = ("-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-z,now")

    def check(self, source=GOOD, flags=FLAGS, exports=("envoy_dynamic_module_on_a",),
              strong=("envoy_dynamic_module_callback_strong",), update=False, oldest=None):
        module = self.root / "module.so"
        command = ["gcc", "-std=c++20", "-x", "c++", str(self.write("module.cc", source)),
                   "-x", "none", *flags, "-o", str(module)]
        subprocess.run(command, check=True)
        if not update:
            self.write("golden/module_exports.txt", "\n".join(exports))
            self.write("golden/module_callbacks_strong.txt", "\n".join(strong))
        return symbols.check(symbols.load(module), self.root / "golden", update, oldest)

    def test_a_good_module_passes(self):
        self.assertEqual(self.check(), [])

    def test_update_writes_the_lists(self):
        self.assertEqual(self.check(update=True), [])
        self.assertEqual((self.root / "golden/module_callbacks_strong.txt").read_text(),
                         "envoy_dynamic_module_callback_strong\n")

    def test_an_export_that_is_no_hook(self):
        source = self.GOOD + 'extern "C" __attribute__((visibility("default"))) void stray() {}\n'
        problems = self.check(source, exports=("envoy_dynamic_module_on_a", "stray"))
        self.assert_one(problems, "exports stray")

    def test_a_hook_that_is_not_listed_and_one_that_is_missing(self):
        problems = self.check(exports=("envoy_dynamic_module_on_b",))
        self.assertEqual(len(problems), 2, problems)

    def test_a_unique_symbol(self):
        source = self.GOOD + (
            'template <class T> struct __attribute__((visibility("default"))) S {\n'
            "  static int& x() { static int v = 0; return v; }\n};\n"
            'extern "C" void envoy_dynamic_module_on_a();\n'
            "int f() { return ++S<int>::x(); }\n")
        self.assertTrue(any("type u" in p for p in self.check(source)))

    def test_lazy_binding(self):
        flags = tuple(f for f in self.FLAGS if f != "-Wl,-z,now") + ("-Wl,-z,lazy",)
        self.assert_one(self.check(flags=flags), "-z now")

    def test_a_library_too_many(self):
        flags = self.FLAGS + ("-Wl,--no-as-needed", "-lgcc_s")
        self.assert_one(self.check(flags=flags), "needs libgcc_s.so.1")

    def test_a_glibc_too_new(self):
        source = self.GOOD + ('extern "C" unsigned arc4random();\n'
                              '__attribute__((used)) unsigned g() { return arc4random(); }\n')
        self.assert_one(self.check(source), "arc4random", "GLIBC_2.36")

    def test_an_undefined_stranger(self):
        source = self.GOOD + ('extern "C" void stranger();\n'
                              "__attribute__((used)) void g() { stranger(); }\n")
        self.assert_one(self.check(source), "leaves stranger undefined")

    def test_a_strong_callback_that_the_oldest_envoy_lacks(self):
        self.assertEqual(self.check(oldest={"envoy_dynamic_module_callback_strong"}), [])
        self.assert_one(self.check(oldest=set()), "oldest supported Envoy lacks")

    def test_a_callback_that_became_strong(self):
        self.assert_one(self.check(strong=()), "strongly needs")


class TidyTest(Tree):
    def check(self, name, text):
        return list(tidy.check_file(name, text))

    def body(self, lines):
        return "  f();\n" * lines

    def test_functions_up_to_the_limit_pass(self):
        body = self.body(tidy.FUNCTION_LINES - 2)
        text = ("namespace a {\nclass B {\n  B(int x)\n      : x_{x}, y_(2) {}\n  int x_;\n};\n"
                f"int B::f(int a) const {{\n{body}}}\nint g() {{\n{body}}}\n}}  // namespace a\n")
        self.assertEqual(self.check("src/a/a.cc", text), [])

    def test_a_long_function(self):
        text = "namespace a {\n\nint f() {\n" + self.body(tidy.FUNCTION_LINES - 1) + "}\n}\n"
        self.assert_one(self.check("src/a/a.cc", text), "src/a/a.cc:3", "71 lines")

    def test_a_long_constructor_with_braced_members(self):
        text = "A::A(int a)\n    : a_{a}, b_{b} {\n" + self.body(tidy.FUNCTION_LINES) + "}\n"
        self.assert_one(self.check("src/a/a.cc", text), "src/a/a.cc:1", "73 lines")

    def test_braces_in_strings_and_comments_do_not_count(self):
        body = self.body(tidy.FUNCTION_LINES)
        text = 'int f() {\n  // }\n  g("}{{", R"(}})", \'}\');\n' + body + "}\n"
        self.assert_one(self.check("src/a/a.cc", text), "src/a/a.cc:1", "74 lines")

    def test_a_long_python_function(self):
        text = "def f():\n" + "    pass\n" * tidy.FUNCTION_LINES
        self.assert_one(self.check("tools/a.py", text), "71 lines")

    def test_lines(self):
        self.assert_one(self.check("src/a/a.cc", "x" * 121 + "\n"), "121 columns")
        self.assert_one(self.check("src/a/a.cc", "x \n"), "space at the end")
        self.assertEqual(self.check("docs/a.md", "x" * 300 + "\n"), [])
        self.assertEqual(self.check("tests/cases/a.case", "x \n"), [])
        self.assertEqual(self.check("src/a/a.cc", "x\n" * tidy.FILE_LINES), [])
        self.assert_one(self.check("src/a/a.cc", "x\n" * (tidy.FILE_LINES + 1)), "701 lines")

    def test_banned_words(self):
        for name, text in (("src/a/a.cc", "// TO" + "DO: later\n"),
                           ("docs/a.md", "see /wo" + "rk/main\n"),
                           ("src/a/a.cc", "thread_local int x;\n"),
                           ("src/a/a.cc", "std::regex r;\n"),
                           ("src/a/a.cc", "void f() { std::cout << 1; }\n"),
                           ("tests/a/a.cc", "using namespace std;\n")):
            with self.subTest(text):
                self.assertEqual(len(self.check(name, text)), 1)

    def test_banned_words_where_they_may_be(self):
        for name, text in (("src/a/a.cc", "// no thread_local here\n"),
                           ("src/a/a.cc", 'auto s = "std::regex";\n'),
                           ("src/cli/a.cc", "std::regex r;\n"),
                           ("src/mock/a.cc", "void f() { std::cout << 1; }\n"),
                           ("src/a/a.cc", "using namespace std_like;\n"),
                           ("src/a/a.cc", "using namespace std::chrono_literals;\n")):
            with self.subTest(text):
                self.assertEqual(self.check(name, text), [])

    def test_the_tree_is_walked(self):
        self.write("src/a/a.cc", "x \n")
        self.write("HACKING.md", "x \n")
        self.write("build/a.cc", "x \n")
        self.assertEqual(len(tidy.check(self.root)), 2)


class LimitsTest(Tree):
    HEADER = ("inline constexpr size_t one_max = 1;\n"
              "inline constexpr uint64_t two_max(uint64_t body) { return 2 * body; }\n")
    TEST = ("TEST(Suite, One) {\n  use(limits::one_max);\n}\n"
            "TEST_F(Suite, Other) {\n  nothing();\n}\n")
    TABLE = ("# comment\n"
             "one_max  src/a_test.cc:Suite.One tests/e2e/test_a.py:test_one\n"
             "two_max  tests/cases/limits/two.case  # of a case\n")

    def check(self, table=TABLE, header=HEADER):
        self.write("src/base/limits.h", header)
        self.write("src/a_test.cc", self.TEST)
        self.write("tests/e2e/test_a.py", 'def test_one():\n    """limits::one_max"""\n')
        self.write("tests/cases/limits/two.case", "Exactly limits::two_max.\n")
        self.write("tests/limits.txt", table)
        return limits.check(self.root)

    def test_limits_with_tests_pass(self):
        self.assertEqual(self.check(), [])

    def test_a_limit_without_a_line(self):
        self.assert_one(self.check(header=self.HEADER + "inline constexpr int three_max = 3;\n"), "three_max")

    def test_a_line_without_a_limit_or_a_test(self):
        self.assert_one(self.check(self.TABLE + "three_max src/a_test.cc:Suite.One\n"), ":4:", "three_max")
        self.assert_one(self.check(self.TABLE.replace(" tests/cases/limits/two.case", "")), "two_max has no test")
        self.assert_one(self.check(self.TABLE + "two_max tests/cases/limits/two.case\n"), "already")

    def test_a_test_that_is_not_there(self):
        for old, new in (("Suite.One", "Suite.Gone"), ("test_one", "test_gone"), ("two.case", "gone.case")):
            self.assert_one(self.check(self.TABLE.replace(old, new)), "there is no such")

    def test_a_test_that_is_about_something_else(self):
        self.assert_one(self.check(self.TABLE.replace("Suite.One", "Suite.Other")), "does not name one_max")
        self.assert_one(self.check(self.TABLE.replace("two_max", "         src/a_test.cc:Suite.Other\ntwo_max")),
                        ":2:", "does not name one_max")

    def test_a_header_that_it_cannot_read(self):
        self.assertIn("no limit is found", self.check("", "#define ONE_MAX 1\n")[0])


if __name__ == "__main__":
    unittest.main()
