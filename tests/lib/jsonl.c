// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/lib/jsonl.h"

#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* bytes read from the file at once */
#define CHUNK 65536

struct jsonl {
	const char *path;	/* the caller's */
	FILE *file;
	bool compressed;
	lzma_stream xz;
	bool ended, failed;
	unsigned long line;
	unsigned char in[CHUNK];
	char *text;	/* decoded; from begin on not handed out yet */
	size_t begin, len, size;
};

static void jsonl_fail(struct jsonl *in, const char *why)
{
	fprintf(stderr, "%s:%lu: %s\n", in->path, in->line, why);
	in->failed = true;
	in->ended = true;
}

static bool name_ends(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

struct jsonl *jsonl_open(const char *path)
{
	struct jsonl *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->path = path;
	in->compressed = name_ends(path, ".xz");
	in->xz = (lzma_stream)LZMA_STREAM_INIT;
	in->file = fopen(path, "rb");
	if (!in->file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		free(in);
		return NULL;
	}
	if (in->compressed &&
	    lzma_stream_decoder(&in->xz, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK)
		jsonl_fail(in, "cannot start to decompress");
	return in;
}

/* Makes room for a chunk behind the text, and moves the text to the front. */
static bool room_make(struct jsonl *in)
{
	char *text;

	if (in->begin)
		memmove(in->text, in->text + in->begin, in->len - in->begin);
	in->len -= in->begin;
	in->begin = 0;
	if (in->size - in->len >= CHUNK)
		return true;
	text = realloc(in->text, 2 * in->size + CHUNK);
	if (!text) {
		jsonl_fail(in, strerror(ENOMEM));
		return false;
	}
	in->text = text;
	in->size = 2 * in->size + CHUNK;
	return true;
}

static void plain_fill(struct jsonl *in)
{
	size_t n = fread(in->text + in->len, 1, CHUNK, in->file);

	in->len += n;
	in->ended = n < CHUNK;
	if (ferror(in->file))
		jsonl_fail(in, "cannot be read");
}

static void xz_fill(struct jsonl *in)
{
	lzma_ret ret;

	if (!in->xz.avail_in && !feof(in->file)) {
		in->xz.next_in = in->in;
		in->xz.avail_in = fread(in->in, 1, CHUNK, in->file);
	}
	in->xz.next_out = (unsigned char *)in->text + in->len;
	in->xz.avail_out = in->size - in->len;
	ret = lzma_code(&in->xz, feof(in->file) ? LZMA_FINISH : LZMA_RUN);
	in->len = in->size - in->xz.avail_out;
	if (ret == LZMA_STREAM_END)
		in->ended = true;
	else if (ret != LZMA_OK)
		jsonl_fail(in, "not a whole xz file");
}

/* The next line without its newline, NUL-terminated in place; NULL at the end. */
static char *line_next(struct jsonl *in)
{
	size_t searched = 0;
	char *line, *end;

	for (;;) {
		line = in->text + in->begin;
		end = in->len - in->begin > searched ?
			      memchr(line + searched, '\n', in->len - in->begin - searched) :
			      NULL;
		if (end)
			break;
		searched = in->len - in->begin;
		if (in->ended) {
			if (searched)
				jsonl_fail(in, "last line is cut off");
			return NULL;
		}
		if (!room_make(in))
			return NULL;
		if (in->compressed)
			xz_fill(in);
		else
			plain_fill(in);
	}
	*end = '\0';
	in->begin += (size_t)(end - line) + 1;
	in->line++;
	return line;
}

json_t *jsonl_next(struct jsonl *in)
{
	const char *line = in->failed ? NULL : line_next(in);
	json_error_t error;
	json_t *value;

	if (!line)
		return NULL;
	value = json_loads(line, JSON_ALLOW_NUL | JSON_DECODE_ANY, &error);
	if (!value)
		jsonl_fail(in, error.text);
	return value;
}

int jsonl_close(struct jsonl *in)
{
	int status = in->failed ? -1 : 0;

	if (in->compressed)
		lzma_end(&in->xz);
	fclose(in->file);
	free(in->text);
	free(in);
	return status;
}

long long jsonl_int(const json_t *object, const char *key, long long absent)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : absent;
}

const char *jsonl_str(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "";
}
