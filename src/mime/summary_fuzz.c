#include "base/limits.h"
#include "mime/section.h"
#include "mime/summary.h"
#include "mime/wire_check_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
need(bool true_)
{
	if (!true_)
		__builtin_trap();
}

static void
check_pair(const struct wire_pair *p, bool (*check)(struct span, bool))
{
	need(check(p->wire, false));
	need(p->wire_utf8.n == 0 || check(p->wire_utf8, true));
}

static bool
is_plain_body(struct span s, bool utf8)
{
	return wire_is_body(s, utf8, false);
}

static bool
is_bodystructure(struct span s, bool utf8)
{
	return wire_is_body(s, utf8, true);
}

static void
check_part(const struct mime_summary *s, uint32_t i, size_t size)
{
	const struct mime_part *p = &s->parts[i];
	const struct mime_part *up;

	need(p->header + p->header_bytes == p->body);
	need(p->body <= size && p->body_bytes <= size - p->body);
	need((p->kind == MIME_LEAF) == (p->first_child == MIME_NONE));
	need(p->type.n > 0 && p->subtype.n > 0);
	need(p->next == MIME_NONE || (p->next > i && p->next < s->part_count));
	need((i == 0) == (p->parent == MIME_NONE));
	if (i == 0)
		return;
	need(p->parent < i);
	up = &s->parts[p->parent];
	need(p->header >= up->body);
	need(p->body + p->body_bytes <= up->body + up->body_bytes);
}

static void
check_keys(const struct mime_summary *s)
{
	const struct span keys[] = { s->base_subject, s->sort_from, s->sort_to,
		s->sort_cc, s->display_from, s->display_to };
	size_t characters = 0;

	for (size_t i = 0; i < COUNT(keys); i++)
		need(keys[i].n <= LIMIT_SORT_KEY &&
		     utf8_run(keys[i]) == keys[i].n);
	need(s->reference_count <= LIMIT_REFERENCES);
	need(utf8_run(s->preview) == s->preview.n);
	for (size_t i = 0; i < s->preview.n; i++)
		characters += (s->preview.p[i] & 0xc0) != 0x80;
	need(characters <= LIMIT_PREVIEW);
}

/* Each part is found by its path, and lies where the table says. */
static void
check_sections(const struct mime_summary *s, size_t size)
{
	const struct mime_parts parts = { s->parts, s->part_count };
	uint32_t path[3];
	struct section_range r;

	for (uint32_t i = 0; i < 27; i++) {
		struct section sec = { .part = path, .depth = i % 4 };

		path[0] = 1 + i % 3;
		path[1] = 1 + i / 3 % 3;
		path[2] = 1 + i / 9;
		for (unsigned t = SECTION_ALL; t <= SECTION_MIME; t++) {
			sec.text = t;
			if (section_find(&parts, &sec, &r) == ST_OK)
				need(
				    r.from <= size && r.bytes <= size - r.from);
		}
	}
}

/* The first two bytes are the limits; any other bytes are a message. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_free) struct arena *a = arena_new();
	struct mime_limits limits;
	struct mime_summary s;

	if (size < 2)
		return 0;
	limits = (struct mime_limits){ data[0] % 16, data[1] % 64 };
	data += 2;
	size -= 2;

	mime_summarise(a, span_of(data, size), &limits, &s);
	check_pair(&s.envelope, wire_is_envelope);
	check_pair(&s.body, is_plain_body);
	check_pair(&s.bodystructure, is_bodystructure);
	need(s.part_count >= 1 && s.part_count <= MAX(limits.parts, 1U));
	for (uint32_t i = 0; i < s.part_count; i++)
		check_part(&s, i, size);
	check_keys(&s);
	check_sections(&s, size);
	return 0;
}
