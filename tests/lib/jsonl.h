/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jsonl.h - files of one JSON value a line, plain or compressed by xz.
 */
#ifndef TESTS_JSONL_H
#define TESTS_JSONL_H

#include <jansson.h>

struct jsonl;

/* NULL when the file cannot be read, which is told on stderr */
struct jsonl *jsonl_open(const char *path);

/*
 * The next value, which the caller releases with json_decref.  NULL at the end
 * or at the first error; jsonl_close tells them apart.
 */
json_t *jsonl_next(struct jsonl *in);

/* 0, or -1 when reading had stopped at an error, which was told on stderr */
int jsonl_close(struct jsonl *in);

/* members of objects, with what an absent one stands for */
long long jsonl_int(const json_t *object, const char *key, long long absent);
const char *jsonl_str(const json_t *object, const char *key);

#endif
