/* SPDX-License-Identifier: MIT
 *
 * Runs every file of the folders or files given through a fuzz target, for
 * builds without a fuzzer: so a corpus is a plain regression test.
 *
 *     replay-npy tests/fuzz/corpus/npy
 */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <dirent.h>

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "replay: cannot read '%s'\n", path);
        if (file)
            fclose(file);
        return -1;
    }
    long size = ftell(file);
    rewind(file);
    /* of the exact size, so that a sanitizer sees the first byte past it */
    uint8_t *data = malloc(size > 0 ? (size_t)size : 1);
    size_t got = size > 0 && data ? fread(data, 1, (size_t)size, file) : 0;
    fclose(file);
    if (!data || size < 0 || got != (size_t)size) {
        fprintf(stderr, "replay: cannot read '%s'\n", path);
        free(data);
        return -1;
    }
    LLVMFuzzerTestOneInput(data, got);
    free(data);
    return 1;
}

/** @return how many files ran, or -1 */
static int run(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return run_file(path);
    int n = 0;
    for (struct dirent *entry; n >= 0 && (entry = readdir(dir));) {
        char name[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        n = run_file(name) < 0 ? -1 : n + 1;
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    int total = 0;
    for (int i = 1; i < argc; i++) {
        int n = run(argv[i]);
        if (n < 0)
            return 1;
        total += n;
    }
    if (total == 0) {
        fprintf(stderr, "replay: no files; give a folder of a corpus\n");
        return 1;
    }
    printf("replay: %d inputs\n", total);
    return 0;
}
