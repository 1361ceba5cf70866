// SPDX-License-Identifier: GPL-2.0
/*
 * The device's side of USB/IP, as in drivers/usb/usbip: a request is a big-endian header
 * of 48 bytes and its data, and so is the response. A read has no response until there is
 * data or it is cancelled.
 */
#define _GNU_SOURCE
#include "usbip.h"
#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONTROLLER "/sys/devices/platform/vhci_hcd.0"

enum { SUBMIT = 1, UNLINK, SUBMITTED, UNLINKED };

struct header {
	uint32_t command, seqnum, devid, in, ep;
	union {
		struct {
			uint32_t flags, length, start, packets, interval;
			uint8_t setup[8];
		} submit;
		struct {
			uint32_t status, length, start, packets, errors;
		} done;
		struct {
			uint32_t seqnum;
		} unlink;
		uint8_t space[28];
	};
};

static const struct usb_model *model;
static int line;
static struct {
	uint32_t seqnum;
	int ep, length;
} reads[64];
static struct {
	uint8_t data[131072];
	int len, at;
} replies[8];
static int n_reads, n_replies, first; /* replies are a ring */

static int take(void *buf, int len)
{
	return len == 0 || recv(line, buf, len, MSG_WAITALL) == len ? 0 : -1;
}

static void answer(uint32_t command, uint32_t seqnum, int status, const void *data, int len,
		   int sent)
{
	struct header h = { .command = htonl(command), .seqnum = htonl(seqnum) };

	h.done.status = htonl(status);
	h.done.length = htonl(sent);
	if (write(line, &h, sizeof(h)) != sizeof(h) || (len && write(line, data, len) != len))
		_exit(0);
}

/* Send available data to the waiting reads, in as many as it takes. */
static void deliver(void)
{
	int i = 0, len, left;

	while (i < n_reads && n_replies) {
		if (reads[i].ep != model->in) {
			i++;
			continue;
		}
		left = replies[first].len - replies[first].at;
		len = left < reads[i].length ? left : reads[i].length;
		answer(SUBMITTED, reads[i].seqnum, 0, replies[first].data + replies[first].at, len,
		       len);
		memmove(&reads[i], &reads[i + 1], (--n_reads - i) * sizeof(reads[0]));
		replies[first].at += len;
		if (left > len)
			continue;
		first = (first + 1) % 8;
		n_replies--;
	}
}

void usb_reply(const void *data, int len)
{
	int slot = (first + n_replies) % 8;

	if (n_replies == 8 || len > (int)sizeof(replies[0].data))
		return;
	memcpy(replies[slot].data, data, len);
	replies[slot].len = len;
	replies[slot].at = 0;
	n_replies++;
}

/* Endpoint 0: the descriptors are known, anything else reads as zeros. */
static void control(const struct header *h, int in)
{
	static uint8_t zeros[4096];
	const uint8_t *setup = h->submit.setup, *data = zeros;
	int length = setup[6] | setup[7] << 8, have = length;

	if (in && setup[0] == 0x80 && setup[1] == 6) {
		data = setup[3] == 1 ? model->device : setup[3] == 2 ? model->config : NULL;
		if (!data) {
			answer(SUBMITTED, h->seqnum, -EPIPE, NULL, 0, 0);
			return;
		}
		have = setup[3] == 1 ? data[0] : data[2] | data[3] << 8;
	}
	if (have > length)
		have = length;
	if (have > (int)sizeof(zeros))
		have = sizeof(zeros);
	answer(SUBMITTED, h->seqnum, 0, data, in ? have : 0, have);
}

static void echo(const uint8_t *data, int len)
{
	uint8_t piece[8192] = { 0 };

	if (len + model->head > (int)sizeof(piece))
		return;
	memcpy(piece + model->head, data, len);
	usb_reply(piece, len + model->head);
}

static void call_off(const struct header *h, uint32_t seqnum)
{
	int i, status = 0;

	for (i = 0; i < n_reads && reads[i].seqnum != seqnum; i++)
		;
	if (i < n_reads) {
		memmove(&reads[i], &reads[i + 1], (--n_reads - i) * sizeof(reads[0]));
		status = -ECONNRESET;
	}
	answer(UNLINKED, h->seqnum, status, NULL, 0, 0);
}

static void serve(void)
{
	static uint8_t data[65536];
	struct header h;
	int in, ep, length;

	while (!take(&h, sizeof(h))) {
		in = ntohl(h.in);
		ep = ntohl(h.ep);
		length = ntohl(h.submit.length);
		h.seqnum = ntohl(h.seqnum);
		if (ntohl(h.command) == UNLINK) {
			call_off(&h, ntohl(h.unlink.seqnum));
			continue;
		}
		if (!in && (length > (int)sizeof(data) || take(data, length)))
			return;
		if (ep == 0) {
			control(&h, in);
		} else if (in) {
			if (n_reads < 64) {
				reads[n_reads].seqnum = h.seqnum;
				reads[n_reads].ep = ep;
				reads[n_reads++].length = length;
			}
		} else {
			answer(SUBMITTED, h.seqnum, 0, NULL, 0, length);
			(model->out ? model->out : echo)(data, length);
		}
		deliver();
	}
}

int usb_plug(const struct usb_model *what, int port, int speed)
{
	char text[64];
	int ends[2], pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return failed("socketpair: %s", strerror(errno));
	model = what;
	line = ends[1];
	pid = fork();
	if (pid < 0)
		return failed("fork: %s", strerror(errno));
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		serve();
		_exit(0);
	}
	close(ends[1]);
	snprintf(text, sizeof(text), "%d %d %d %d", port, ends[0], port + 1, speed);
	if (write_file(CONTROLLER "/attach", text))
		return FAIL;
	close(ends[0]);
	return 0;
}
