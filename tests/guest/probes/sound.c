// SPDX-License-Identifier: GPL-2.0
/*
 * Sound without hardware, by the ioctls that alsa-lib uses: a card that plays to nowhere,
 * a card that records what is played on it, the sequencer, and the driver of USB cards.
 */
#define _GNU_SOURCE
#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <poll.h>
#include <sound/asound.h>
#include <sound/asequencer.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define RATE   48000
#define PERIOD 1024
#define FRAMES (8 * PERIOD) /* of a buffer */

struct frame {
	int16_t left, right;
};

/* Open the device C%d with SUFFIX of the card whose id is ID; fd, or -1. */
static int pcm_open(const char *id, const char *suffix, int flags)
{
	char path[64], text[64];
	glob_t cards;
	int fd = -1;
	unsigned int number;

	if (glob("/sys/class/sound/card*/id", 0, NULL, &cards))
		return failed("there is no sound card");
	for (size_t i = 0; i < cards.gl_pathc && fd < 0; i++) {
		if (read_file(cards.gl_pathv[i], text, sizeof(text)) < 0)
			break;
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, id) ||
		    sscanf(cards.gl_pathv[i], "/sys/class/sound/card%u", &number) != 1)
			continue;
		snprintf(path, sizeof(path), "/dev/snd/pcmC%u%s", number, suffix);
		fd = open(path, flags | O_CLOEXEC);
		if (fd < 0)
			diag("open %s: %s", path, strerror(errno));
	}
	globfree(&cards);
	return fd < 0 ? failed("the card %s has no stream %s", id, suffix) : fd;
}

static void only(struct snd_pcm_hw_params *params, int which, unsigned int value)
{
	struct snd_interval *interval =
		&params->intervals[which - SNDRV_PCM_HW_PARAM_FIRST_INTERVAL];

	interval->min = interval->max = value;
	interval->integer = 1;
}

static void only_bit(struct snd_pcm_hw_params *params, int which, unsigned int bit)
{
	struct snd_mask *mask = &params->masks[which - SNDRV_PCM_HW_PARAM_FIRST_MASK];

	memset(mask, 0, sizeof(*mask));
	mask->bits[bit / 32] = 1U << bit % 32;
}

/*
 * Stereo of 16 bits, started by the first data. On a slow machine the buffer may run empty,
 * which shall not stop it.
 */
static int pcm_prepare(int fd)
{
	struct snd_pcm_hw_params hw;
	struct snd_pcm_sw_params sw = {
		.period_step = 1,
		.avail_min = PERIOD,
		.start_threshold = 1,
		.stop_threshold = LONG_MAX,
	};
	size_t i;

	memset(&hw, 0, sizeof(hw));
	memset(hw.masks, 0xff, sizeof(hw.masks));
	for (i = 0; i < sizeof(hw.intervals) / sizeof(hw.intervals[0]); i++)
		hw.intervals[i].max = UINT_MAX;
	hw.rmask = ~0U;
	only_bit(&hw, SNDRV_PCM_HW_PARAM_ACCESS, SNDRV_PCM_ACCESS_RW_INTERLEAVED);
	only_bit(&hw, SNDRV_PCM_HW_PARAM_FORMAT, SNDRV_PCM_FORMAT_S16_LE);
	only(&hw, SNDRV_PCM_HW_PARAM_CHANNELS, 2);
	only(&hw, SNDRV_PCM_HW_PARAM_RATE, RATE);
	only(&hw, SNDRV_PCM_HW_PARAM_PERIOD_SIZE, PERIOD);
	only(&hw, SNDRV_PCM_HW_PARAM_PERIODS, FRAMES / PERIOD);
	if (ioctl(fd, SNDRV_PCM_IOCTL_HW_PARAMS, &hw))
		return failed("SNDRV_PCM_IOCTL_HW_PARAMS: %s", strerror(errno));
	if (ioctl(fd, SNDRV_PCM_IOCTL_SW_PARAMS, &sw))
		return failed("SNDRV_PCM_IOCTL_SW_PARAMS: %s", strerror(errno));
	if (ioctl(fd, SNDRV_PCM_IOCTL_PREPARE))
		return failed("SNDRV_PCM_IOCTL_PREPARE: %s", strerror(errno));
	return 0;
}

/* Play FRAMES frames that are numbered: a buffer that runs empty repeats them in order. */
static int play(int fd)
{
	static struct frame frames[FRAMES];
	struct snd_xferi part = { 0 };
	int i;

	for (i = 0; i < FRAMES; i++)
		frames[i] = (struct frame){ i, ~i };
	for (i = 0; i < FRAMES; i += part.result) {
		part.buf = frames + i;
		part.frames = FRAMES - i;
		if (ioctl(fd, SNDRV_PCM_IOCTL_WRITEI_FRAMES, &part))
			return failed("SNDRV_PCM_IOCTL_WRITEI_FRAMES after %d of %d: %s", i, FRAMES,
				      strerror(errno));
	}
	return 0;
}

static int plays(const char *arg)
{
	int fd = pcm_open("Dummy", "D0p", O_RDWR), tries;
	struct snd_pcm_status status;

	(void)arg;
	/* the second buffer fits in when the first was played */
	if (fd < 0 || pcm_prepare(fd) || play(fd) || play(fd))
		return FAIL;
	for (tries = 0; tries < 100; tries++, usleep(100000)) {
		memset(&status, 0, sizeof(status));
		if (ioctl(fd, SNDRV_PCM_IOCTL_STATUS, &status))
			return failed("SNDRV_PCM_IOCTL_STATUS: %s", strerror(errno));
		if (status.state != SNDRV_PCM_STATE_RUNNING)
			return failed("the stream is in state %d", status.state);
		if (status.hw_ptr >= 2 * FRAMES)
			return PASS;
	}
	return failed("the card played %lu frames of %d", status.hw_ptr, 2 * FRAMES);
}

static int recorded(const char *arg)
{
	int out = pcm_open("Loopback", "D0p", O_RDWR), in = pcm_open("Loopback", "D1c", O_RDWR);
	static struct frame got[PERIOD];
	struct snd_xferi piece = { .buf = got, .frames = PERIOD };
	int next = -1, run = 0, periods, i;

	(void)arg;
	if (out < 0 || in < 0 || pcm_prepare(out) || pcm_prepare(in) || play(out))
		return FAIL;
	for (periods = 0; periods < 100; periods++) {
		if (ioctl(in, SNDRV_PCM_IOCTL_READI_FRAMES, &piece))
			return failed("SNDRV_PCM_IOCTL_READI_FRAMES: %s", strerror(errno));
		for (i = 0; i < piece.result; i++) {
			/* a slow reader loses some */
			run = got[i].left == next && got[i].right == ~next ? run + 1 : 0;
			next = (got[i].left + 1) % FRAMES;
			if (run == PERIOD)
				return PASS;
		}
	}
	return failed("%d frames were recorded, but not %d in the order in which they were played",
		      periods * PERIOD, PERIOD);
}

/* A note that a program sends to a port of its own. */
static int sequencer(const char *arg)
{
	int fd = open("/dev/snd/seq", O_RDWR | O_CLOEXEC), client = -1;
	struct snd_seq_port_info port = {
		.name = "probe",
		.capability = SNDRV_SEQ_PORT_CAP_READ | SNDRV_SEQ_PORT_CAP_WRITE,
		.type = SNDRV_SEQ_PORT_TYPE_APPLICATION,
	};
	struct snd_seq_event note = {
		.type = SNDRV_SEQ_EVENT_NOTEON,
		.queue = SNDRV_SEQ_QUEUE_DIRECT,
		.data.note = { .channel = 1, .note = 60, .velocity = 100 },
	}, got = { 0 };
	struct pollfd in = { .fd = fd, .events = POLLIN };

	(void)arg;
	if (fd < 0 || ioctl(fd, SNDRV_SEQ_IOCTL_CLIENT_ID, &client))
		return failed("/dev/snd/seq: %s", strerror(errno));
	port.addr.client = client;
	if (ioctl(fd, SNDRV_SEQ_IOCTL_CREATE_PORT, &port))
		return failed("SNDRV_SEQ_IOCTL_CREATE_PORT: %s", strerror(errno));
	note.source = note.dest = port.addr;
	if (write(fd, &note, sizeof(note)) != sizeof(note))
		return failed("write to /dev/snd/seq: %s", strerror(errno));
	if (poll(&in, 1, 5000) != 1 || read(fd, &got, sizeof(got)) != sizeof(got))
		return failed("no event arrives");
	return got.type == SNDRV_SEQ_EVENT_NOTEON && got.data.note.note == 60 ?
		PASS :
		failed("expected note 60, got note %d of an event of type %d", got.data.note.note,
		       got.type);
}

/* Two timers of the sequencer: the system's, and one of high resolution. */
static int timers(const char *arg)
{
	int fd = open("/dev/snd/timer", O_RDONLY | O_CLOEXEC);
	struct snd_timer_select select = {
		.id = { .dev_class = SNDRV_TIMER_CLASS_GLOBAL,
			.dev_sclass = SNDRV_TIMER_SCLASS_NONE,
			.device = SNDRV_TIMER_GLOBAL_HRTIMER },
	};

	(void)arg;
	if (fd < 0)
		return failed("/dev/snd/timer: %s", strerror(errno));
	return ioctl(fd, SNDRV_TIMER_IOCTL_SELECT, &select) ?
		failed("the timer of high resolution: %s", strerror(errno)) :
		PASS;
}

const struct probe sound_probes[] = {
	{ "the dummy card plays", plays, NULL, .modules = "snd-dummy" },
	{ "the loopback card records what is played", recorded, NULL, .modules = "snd-aloop" },
	{ "the sequencer delivers a note", sequencer, NULL, .modules = "snd-seq" },
	{ "there is a timer of high resolution", timers, NULL, .modules = "snd-hrtimer" },
	{ "USB sound cards have a driver", exists, "/sys/bus/usb/drivers/snd-usb-audio",
	  .modules = "snd-usb-audio" },
	{ NULL, NULL, NULL },
};
