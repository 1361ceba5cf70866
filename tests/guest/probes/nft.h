/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NFT_H
#define NFT_H

/* Rows of netfilter.c about nftables. */
int nft_drops(const char *arg);
int nft_redirects(const char *arg);
int nft_rejects(const char *arg);
int nft_sets(const char *arg);
int nft_families(const char *arg);
int nft_firewalld(const char *arg);
int nft_expressions(const char *names);
int conntrack(const char *arg);

#endif
