// SPDX-License-Identifier: GPL-2.0
/*
 * Wireless networks: two radios without hardware, of which one has a network and the other
 * finds it; the drivers of USB adapters. The radios are in the first network namespace.
 */
#define _GNU_SOURCE
#include "netlink.h"
#include "probe.h"
#include <errno.h>
#include <linux/nl80211.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#define NETWORK "probe's network"
#define MHZ	2412 /* channel 1, which every country allows */

/* A request about LINK; NL is open then, and closed by done(). */
static int request(struct nl *nl, int command, int flags, const char *link)
{
	int id = genl_open(nl, NL80211_GENL_NAME);

	if (id < 0)
		return -1;
	genl_msg(nl, id, command, flags, 0);
	if (link)
		nl_u32(nl, NL80211_ATTR_IFINDEX, if_nametoindex(link));
	return 0;
}

static int done(struct nl *nl, const char *what)
{
	int error = nl_talk(nl);

	nl_close(nl);
	return error ? failed("%s: %s", what, strerror(-error)) : 0;
}

static int radios(const char *arg)
{
	struct nl nl;
	int count;

	(void)arg;
	if (first_network() || request(&nl, NL80211_CMD_GET_WIPHY, 0, NULL))
		return FAIL;
	count = nl_dump(&nl);
	nl_close(&nl);
	if (count < 0)
		return failed("NL80211_CMD_GET_WIPHY: %s", strerror(-count));
	return count >= 2 ? PASS : failed("expected 2 radios, got %d", count);
}

/* LINK starts an IBSS, a network without an access point. */
static int found_network(const char *link)
{
	struct nl nl;

	if (request(&nl, NL80211_CMD_SET_INTERFACE, 0, link))
		return -1;
	nl_u32(&nl, NL80211_ATTR_IFTYPE, NL80211_IFTYPE_ADHOC);
	if (done(&nl, "NL80211_CMD_SET_INTERFACE") || link_up(link) ||
	    request(&nl, NL80211_CMD_JOIN_IBSS, 0, link))
		return -1;
	nl_put(&nl, NL80211_ATTR_SSID, NETWORK, strlen(NETWORK));
	nl_u32(&nl, NL80211_ATTR_WIPHY_FREQ, MHZ);
	nl_put(&nl, NL80211_ATTR_FREQ_FIXED, NULL, 0);
	return done(&nl, "NL80211_CMD_JOIN_IBSS");
}

/* One that runs already is as good. */
static int scan(const char *link)
{
	struct nl nl;
	int mark, error;

	if (request(&nl, NL80211_CMD_TRIGGER_SCAN, 0, link))
		return -1;
	mark = nl_nest(&nl, NL80211_ATTR_SCAN_FREQUENCIES);
	nl_u32(&nl, 0, MHZ);
	nl_end(&nl, mark);
	mark = nl_nest(&nl, NL80211_ATTR_SCAN_SSIDS);
	nl_put(&nl, 0, NETWORK, strlen(NETWORK));
	nl_end(&nl, mark);
	error = nl_talk(&nl);
	nl_close(&nl);
	return error && error != -EBUSY ? failed("NL80211_CMD_TRIGGER_SCAN: %s", strerror(-error)) :
					  0;
}

/* The name of a network is the first element of its beacon. */
static void see_network(const struct nlmsghdr *msg, void *data)
{
	const struct nlattr *bss = nl_find(msg, GENL_HEADER, NL80211_ATTR_BSS);
	const struct nlattr *elements = nl_inside(bss, NL80211_BSS_INFORMATION_ELEMENTS);
	const unsigned char *name = (const void *)(elements + 1);
	int len = strlen(NETWORK);

	if (elements && elements->nla_len >= NLA_HDRLEN + 2 + len && name[0] == 0 &&
	    name[1] == len && !memcmp(name + 2, NETWORK, len))
		*(int *)data = 1;
}

static int finds(const char *arg)
{
	int tries, found = 0, error;
	struct nl nl;

	(void)arg;
	if (first_network() || found_network("wlan0") || link_up("wlan1"))
		return FAIL;
	for (tries = 0; tries < 40 && !found; tries++) {
		if (scan("wlan1"))
			return FAIL;
		usleep(500000);
		if (request(&nl, NL80211_CMD_GET_SCAN, NLM_F_DUMP, "wlan1"))
			return FAIL;
		error = nl_each(&nl, see_network, &found);
		nl_close(&nl);
		if (error)
			return failed("NL80211_CMD_GET_SCAN: %s", strerror(-error));
	}
	return found ? PASS : failed("wlan1 does not see the network of wlan0");
}

/* 4.19 calls the driver of MT7610U mt76x0, later ones mt76x0u. */
static int mediatek(const char *drivers)
{
	if (bus_drivers(kernel_at_least(5, 0) ? "usb mt76x0u" : "usb mt76x0"))
		return FAIL;
	return bus_drivers(drivers);
}

/* 6.12 has the drivers under other names than 6.18 */
static int realtek(const char *drivers)
{
	return bus_drivers(kernel_at_least(6, 18) ?
				   drivers :
				   "usb rtw_8723du rtw_8821cu rtw_8822bu rtw_8822cu");
}

const struct probe wireless_probes[] = {
	{ "two radios without hardware are listed", radios, NULL, .modules = "mac80211_hwsim" },
	{ "one finds the network of the other", finds, NULL, .modules = "mac80211_hwsim" },
	{ "adapters of Atheros have their drivers", bus_drivers, "usb ath9k_htc carl9170" },
	{ "adapters of MediaTek and Ralink have their drivers", mediatek,
	  "usb mt7601u mt76x2u rt2800usb" },
	{ "adapters of Realtek and ZyDAS have their drivers", bus_drivers,
	  "usb rtl8187 rtl8xxxu zd1211rw" },
	{ "adapters with MT7921 have a driver", bus_drivers, "usb mt7921u", 5, 18 },
	{ "adapters with MT7925 have a driver", bus_drivers, "usb mt7925u", 6, 7 },
	{ "adapters with RTL88xx have their drivers", realtek,
	  "usb rtw88_8723du rtw88_8821cu rtw88_8822bu rtw88_8822cu", 6, 2 },
	{ "adapters with RTL8812AU, 8814AU and 8821AU have their drivers", bus_drivers,
	  "usb rtw88_8812au rtw88_8814au rtw88_8821au", 6, 16 },
	{ "adapters with RTL885x have their drivers", bus_drivers, "usb rtw89_8851bu rtw89_8852bu",
	  6, 17 },
	{ NULL, NULL, NULL },
};
