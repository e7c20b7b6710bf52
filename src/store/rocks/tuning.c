#include "store/rocks/tuning.h"

#include "base/mem.h"
#include "store/key.h"

#define MIB ((size_t)1024 * 1024)

/*
 * What is not yet in a table: all families together as a rule; each of them
 * at most twice, as one buffer is flushed while the next one fills.  It grows
 * with the cache, so that one setting makes a small server.
 */
#define BUFFERS_MIN (12 * MIB)
#define BUFFERS_MAX (96 * MIB)

#define OPEN_FILES  512
#define BLOOM_BITS  10
#define BLOCK_BYTES 16384

/* A body below this stays with its key. */
#define BLOB_MIN_BYTES 512

/*
 * Above all levels.  What matters comes back as an error, and Debian's build,
 * which has its assertions on, aborts when RocksDB's own log is written to a
 * full disk for the second time.
 */
#define LOG_NOTHING 5

static size_t
buffers_bytes(size_t cache_bytes)
{
	size_t n = cache_bytes / 8 * 3;

	return MAX(MIN(n, BUFFERS_MAX), BUFFERS_MIN);
}

/* Nobody waits for merging as long as there isn't very much of it. */
static void
let_merging_give_way(void)
{
	rocksdb_env_t *env = rocksdb_create_default_env();

	rocksdb_env_lower_thread_pool_cpu_priority(env);
	rocksdb_env_destroy(env);
}

static rocksdb_options_t *
db_options(size_t buffers)
{
	rocksdb_options_t *o = rocksdb_options_create();

	rocksdb_options_set_create_if_missing(o, 1);
	rocksdb_options_set_create_missing_column_families(o, 1);
	rocksdb_options_set_db_write_buffer_size(o, buffers);
	rocksdb_options_set_max_background_jobs(o, 2);
	rocksdb_options_set_max_open_files(o, OPEN_FILES);

	/* Tables are written out as they grow, so that the flush of a commit
	   does not wait behind them. */
	rocksdb_options_set_bytes_per_sync(o, MIB);

	/* One committer: nothing is gained by inserting in parallel. */
	rocksdb_options_set_allow_concurrent_memtable_write(o, 0);

	rocksdb_options_set_skip_stats_update_on_db_open(o, 1);
	rocksdb_options_set_stats_dump_period_sec(o, 0);
	rocksdb_options_set_stats_persist_period_sec(o, 0);
	rocksdb_options_set_info_log_level(o, LOG_NOTHING);
	rocksdb_options_set_keep_log_file_num(o, 1);
	rocksdb_options_set_max_manifest_file_size(o, 16 * MIB);
	return o;
}

/* What all families share. */
static rocksdb_options_t *
family_options(rocksdb_cache_t *cache, size_t buffer_bytes)
{
	rocksdb_options_t *o = rocksdb_options_create();
	rocksdb_block_based_table_options_t *table =
	    rocksdb_block_based_options_create();

	rocksdb_block_based_options_set_block_cache(table, cache);
	rocksdb_block_based_options_set_block_size(table, BLOCK_BYTES);
	rocksdb_block_based_options_set_format_version(table, 5);
	rocksdb_block_based_options_set_filter_policy(table,
	    rocksdb_filterpolicy_create_bloom_full(BLOOM_BITS));
	/* So that indexes and filters count as cache, and stay longest. */
	rocksdb_block_based_options_set_cache_index_and_filter_blocks(table, 1);
	rocksdb_block_based_options_set_cache_index_and_filter_blocks_with_high_priority(
	    table, 1);
	rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(
	    table, 1);
	rocksdb_options_set_block_based_table_factory(o, table);
	rocksdb_block_based_options_destroy(table);

	rocksdb_options_set_write_buffer_size(o, buffer_bytes);
	rocksdb_options_set_max_write_buffer_number(o, 2);
	/* Less than MEM_LARGE: the heap keeps it, so that the next buffer needs
	   no pages of the system. */
	rocksdb_options_set_arena_block_size(o, MEM_LARGE / 4);
	rocksdb_options_set_level_compaction_dynamic_level_bytes(o, 1);
	rocksdb_options_set_target_file_size_base(o, 32 * MIB);
	rocksdb_options_set_compression(o, rocksdb_lz4_compression);
	return o;
}

/* Reading an account passes over the tables that have nothing of it. */
static void
tune_records(rocksdb_options_t *o)
{
	rocksdb_options_set_prefix_extractor(o,
	    rocksdb_slicetransform_create_fixed_prefix(KEY_ACCOUNT_BYTES));
	rocksdb_options_set_memtable_prefix_bloom_size_ratio(o, 0.02);
	rocksdb_options_set_memtable_whole_key_filtering(o, 1);
}

/*
 * Merging moves keys only; blobs move when there is reason to (reclaim.c).
 * They are compressed already (body.h).
 */
static void
tune_bodies(rocksdb_options_t *o, rocksdb_cache_t *cache)
{
	rocksdb_options_set_enable_blob_files(o, 1);
	rocksdb_options_set_min_blob_size(o, BLOB_MIN_BYTES);
	rocksdb_options_set_blob_file_size(o, 256 * MIB);
	rocksdb_options_set_blob_compression_type(o, rocksdb_no_compression);
	rocksdb_options_set_blob_cache(o, cache);
	rocksdb_options_set_blob_gc_age_cutoff(o, 0.5);
	rocksdb_options_set_blob_gc_force_threshold(o, 0.5);
}

struct tuning *
tuning_new(size_t cache_bytes)
{
	struct tuning *t = MEM_NEW(struct tuning);
	size_t buffers = buffers_bytes(cache_bytes);

	let_merging_give_way();
	t->cache = rocksdb_cache_create_lru(cache_bytes);
	t->db = db_options(buffers);

	/* RocksDB insists on one family of this name. */
	t->names[RECORDS] = "default";
	t->families[RECORDS] = family_options(t->cache, buffers / 3);
	tune_records(t->families[RECORDS]);
	t->names[VERSIONS] = "versions";
	t->families[VERSIONS] = family_options(t->cache, buffers / 24);
	t->names[BODIES] = "bodies";
	t->families[BODIES] = family_options(t->cache, buffers / 3 * 2);
	tune_bodies(t->families[BODIES], t->cache);

	t->get = rocksdb_readoptions_create();
	t->get_once = rocksdb_readoptions_create();
	rocksdb_readoptions_set_fill_cache(t->get_once, 0);
	t->get_body = rocksdb_readoptions_create();
	rocksdb_readoptions_set_verify_checksums(t->get_body, 0);
	t->write = rocksdb_writeoptions_create();
	rocksdb_writeoptions_disable_WAL(t->write, 1);
	return t;
}

void
tuning_free(struct tuning **t)
{
	if (*t == NULL)
		return;
	rocksdb_writeoptions_destroy((*t)->write);
	rocksdb_readoptions_destroy((*t)->get_body);
	rocksdb_readoptions_destroy((*t)->get_once);
	rocksdb_readoptions_destroy((*t)->get);
	for (int i = 0; i < FAMILIES; i++)
		rocksdb_options_destroy((*t)->families[i]);
	rocksdb_options_destroy((*t)->db);
	rocksdb_cache_destroy((*t)->cache);
	mem_free(t);
}
