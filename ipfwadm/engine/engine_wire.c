// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * engine_wire.c - frames between the shell and its engine; both link it.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipfwadm/engine/engine.h"

#define HEAD 5			/* length and kind */
#define READ_SIZE (256u << 10)

void wire_free(struct wire *w)
{
	free(w->buf);
	*w = (struct wire){ .buf = NULL };
}

/* room for n more bytes */
static int wire_grow(struct wire *w, size_t n)
{
	size_t size = w->size;
	char *bigger;

	if (w->first) {
		memmove(w->buf, w->buf + w->first, wire_waiting(w));
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

int wire_append(struct wire *w, const void *bytes, size_t length)
{
	if (w->size - w->used < length && wire_grow(w, length))
		return -ENOMEM;
	if (length)
		memcpy(w->buf + w->used, bytes, length);
	w->used += length;
	return 0;
}

int wire_add(struct wire *w, char kind, const void *payload, size_t length)
{
	unsigned char head[HEAD];
	int err;

	if (length > ENGINE_FRAME_MAX)
		return -EMSGSIZE;
	for (int i = 0; i < 4; i++)
		head[i] = (unsigned char)(length >> (24 - 8 * i));
	head[4] = (unsigned char)kind;
	err = wire_append(w, head, HEAD);
	return err ? err : wire_append(w, payload, length);
}

int wire_add_json(struct wire *w, char kind, const json_t *doc)
{
	char *text = json_dumps(doc, JSON_COMPACT);
	int err = text ? wire_add(w, kind, text, strlen(text)) : -ENOMEM;

	free(text);
	return err;
}

int wire_send(struct wire *w, int fd)
{
	while (wire_waiting(w)) {
		ssize_t n = write(fd, w->buf + w->first, wire_waiting(w));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		w->first += (size_t)n;
	}
	w->first = w->used = 0;
	return 0;
}

long wire_receive(struct wire *w, int fd)
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

int wire_next(struct wire *w, struct wire_frame *f)
{
	const unsigned char *head = (const unsigned char *)w->buf + w->first;
	uint32_t length;

	if (wire_waiting(w) < HEAD)
		return 0;
	length = (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 |
		 (uint32_t)head[2] << 8 | head[3];
	if (length > ENGINE_FRAME_MAX)
		return -EPROTO;
	if (wire_waiting(w) < HEAD + (size_t)length)
		return 0;
	f->kind = (char)head[4];
	f->payload = w->buf + w->first + HEAD;
	f->length = length;
	w->first += HEAD + (size_t)length;
	return 1;
}
