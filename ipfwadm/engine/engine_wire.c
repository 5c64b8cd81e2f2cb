// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_wire.c - frames between the shell and its engine; both programs link it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/engine/engine_wire.h"

#define HEAD 5			/* length and kind */
#define READ_SIZE (256u << 10)

void engine_wire_free(struct engine_wire *w)
{
	free(w->buf);
	*w = (struct engine_wire){ .buf = NULL };
}

/* room for n more bytes */
static int wire_grow(struct engine_wire *w, size_t n)
{
	size_t size = w->size;
	char *bigger;

	if (w->first) {
		memmove(w->buf, w->buf + w->first, engine_wire_length(w));
		w->used -= w->first;
		w->first = 0;
	}
	if (size - w->used >= n)
		return 0;
	while (size - w->used < n)
		size = size ? 2 * size : READ_SIZE;
	bigger = realloc(w->buf, size);
	if (!bigger)
		return -ENOMEM;
	w->buf = bigger;
	w->size = size;
	return 0;
}

int engine_wire_append(struct engine_wire *w, const void *bytes, size_t length)
{
	if (w->size - w->used < length && wire_grow(w, length))
		return -ENOMEM;
	if (length)
		memcpy(w->buf + w->used, bytes, length);
	w->used += length;
	return 0;
}

int engine_wire_add(struct engine_wire *w, char kind, const void *payload, size_t length)
{
	unsigned char head[HEAD];
	int err;

	if (length > ENGINE_FRAME_MAX)
		return -EMSGSIZE;
	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(length >> (24 - 8 * i));
	head[4] = (unsigned char)kind;
	err = engine_wire_append(w, head, HEAD);
	return err ? err : engine_wire_append(w, payload, length);
}

int engine_wire_add_json(struct engine_wire *w, char kind, const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	int err = text ? engine_wire_add(w, kind, text, strlen(text)) : -ENOMEM;

	free(text);
	return err;
}

json_t *engine_wire_text(const char *bytes, size_t length)
{
	char *utf8 = malloc(2 * length + 1);
	json_t *text;
	size_t n = 0;

	if (!utf8)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c >= 0x80)
			utf8[n++] = (char)(0xc0 | c >> 6);
		utf8[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	text = json_stringn(utf8, n);
	free(utf8);
	return text;
}

char *engine_wire_text_bytes(const json_t *text, size_t *length)
{
	const char *utf8 = json_string_value(text);
	size_t n = json_string_length(text), used = 0;
	char *bytes = utf8 ? malloc(n + 1) : NULL;

	if (!bytes)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)utf8[i];

		if (c >= 0x80 && i + 1 < n)
			c = (unsigned char)(c << 6 | (utf8[++i] & 0x3f));
		bytes[used++] = (char)c;
	}
	bytes[used] = '\0';
	*length = used;
	return bytes;
}

int engine_wire_send(struct engine_wire *w, int fd)
{
	while (engine_wire_length(w)) {
		ssize_t n = write(fd, w->buf + w->first, engine_wire_length(w));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		w->first += (size_t)n;
	}
	w->first = w->used = 0;
	return 0;
}

long engine_wire_receive(struct engine_wire *w, int fd)
{
	ssize_t n;

	if (w->size - w->used < READ_SIZE / 2 && wire_grow(w, READ_SIZE))
		return -ENOMEM;
	n = read(fd, w->buf + w->used, w->size - w->used);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	w->used += (size_t)n;
	return n;
}

int engine_wire_next(struct engine_wire *w, struct wire_frame *f)
{
	const unsigned char *head = (const unsigned char *)w->buf + w->first;
	uint32_t length;

	if (engine_wire_length(w) < HEAD)
		return 0;
	length = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
		 (uint32_t)head[2] << 8 | head[3];
	if (length > ENGINE_FRAME_MAX)
		return -EPROTO;
	if (engine_wire_length(w) < HEAD + (size_t)length)
		return 0;
	f->kind = (char)head[4];
	f->payload = w->buf + w->first + HEAD;
	f->length = length;
	w->first += HEAD + (size_t)length;
	return 1;
}
