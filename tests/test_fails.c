/* SPDX-License-Identifier: MIT
 *
 * A test that must fail, in every way in which a test can: tests/runner.py
 * runs it and checks that none of them is counted as a pass.
 *
 *     test_fails fails|crashes|ends|hides|silent|skips|passes
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void passes(void **state)
{
    (void)state;
}

static void fails(void **state)
{
    (void)state;
    assert_int_equal(1, 2);
}

static void crashes(void **state)
{
    (void)state;
    abort();
}

/* Leaves in the middle, and says that all is well. */
static void ends(void **state)
{
    (void)state;
    exit(0);
}

static void skips(void **state)
{
    (void)state;
    skip();
}

static int run(const char *how)
{
    const struct CMUnitTest failing[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(fails),
        cmocka_unit_test(passes),
    };
    const struct CMUnitTest crashing[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(crashes),
        cmocka_unit_test(passes),
    };
    const struct CMUnitTest ending[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(ends),
        cmocka_unit_test(passes),
    };
    const struct CMUnitTest skipping[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(skips),
    };
    const struct CMUnitTest passing[] = {
        cmocka_unit_test(passes),
        cmocka_unit_test(passes),
    };
    if (strcmp(how, "fails") == 0)
        return cmocka_run_group_tests(failing, NULL, NULL);
    if (strcmp(how, "crashes") == 0)
        return cmocka_run_group_tests(crashing, NULL, NULL);
    if (strcmp(how, "ends") == 0)
        return cmocka_run_group_tests(ending, NULL, NULL);
    if (strcmp(how, "skips") == 0)
        return cmocka_run_group_tests(skipping, NULL, NULL);
    if (strcmp(how, "passes") == 0)
        return cmocka_run_group_tests(passing, NULL, NULL);
    if (strcmp(how, "hides") == 0) /* all pass, the status does not */
        return cmocka_run_group_tests(passing, NULL, NULL) + 3;
    return 0; /* silent: no plan, no case, no complaint */
}

int main(int argc, char **argv)
{
    return run(argc > 1 ? argv[1] : "fails");
}
