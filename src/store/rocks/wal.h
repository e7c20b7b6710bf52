#ifndef STORE_ROCKS_WAL_H
#define STORE_ROCKS_WAL_H

#include "base/log.h"
#include "base/status.h"

/*
 * Takes back what RocksDB wrote to its write-ahead log for a group that then
 * failed.  After a failed write or flush the group may lie in the log whole,
 * and the next start would replay it; RocksDB itself has no way to say that
 * it must not.
 *
 * The log is a file NUMBER.log of 32 KiB blocks.  A record is one write
 * batch, in as many fragments as the blocks need; a fragment has a checksum
 * (4 bytes), its length (2) and its type (1), and a batch begins with its
 * sequence number (8).  All of them are little-endian.
 */

/*
 * Cuts every record above the acknowledged sequence number off, for good;
 * doing it again does no harm.  ST_IO, ST_CORRUPT  it can't be told whether
 * they are gone: logged.
 */
enum status wal_cut(const char *folder, uint64_t acked, const struct log *log);

#endif
