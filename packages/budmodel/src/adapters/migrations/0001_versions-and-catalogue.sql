CREATE TABLE "budmodel"."installation" (
	"id" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
DROP INDEX "budmodel"."uploads_age";--> statement-breakpoint
ALTER TABLE "budmodel"."uploads" ADD COLUMN "active_at" timestamp with time zone;--> statement-breakpoint
UPDATE "budmodel"."uploads" SET "active_at" = "created_at";--> statement-breakpoint
ALTER TABLE "budmodel"."uploads" ALTER COLUMN "active_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "deleting" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "uploads_age" ON "budmodel"."uploads" USING btree ("active_at");--> statement-breakpoint
CREATE TABLE "budmodel"."aliases" (
	"model_id" text NOT NULL,
	"alias" text NOT NULL,
	"project_id" text NOT NULL,
	"version_id" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "aliases_model_id_alias_pk" PRIMARY KEY("model_id","alias")
);
--> statement-breakpoint
CREATE TABLE "budmodel"."benchmarks" (
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"benchmark" text NOT NULL,
	"metric" text DEFAULT '' NOT NULL,
	"source" text NOT NULL,
	"score" double precision NOT NULL,
	"version_id" text,
	"recorded_by" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "benchmarks_once" UNIQUE NULLS NOT DISTINCT("project_id","model_id","version_id","benchmark","metric","source")
);
--> statement-breakpoint
CREATE TABLE "budmodel"."catalogue_models" (
	"id" text PRIMARY KEY NOT NULL,
	"version_id" text NOT NULL,
	"name" text NOT NULL,
	"architecture" text,
	"parameter_count" bigint,
	"active_parameter_count" bigint,
	"context_length" integer,
	"modality" text DEFAULT 'text' NOT NULL,
	"licence_id" text,
	"licence_name" text,
	"licence_class" text DEFAULT 'unknown' NOT NULL,
	"card_tags" text[] DEFAULT '{}' NOT NULL,
	"shape_key" text,
	"search" "tsvector" NOT NULL,
	"facts_key" text,
	"facts" jsonb NOT NULL,
	"licence" jsonb,
	"sources" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budmodel"."connections" (
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"bucket" text,
	"endpoint" text,
	"region" text,
	"path_style" boolean,
	"access_key_id" text,
	"sealed_secret" text,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "connections_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "budmodel"."listed_models" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"version_id" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"architecture" text,
	"parameter_count" bigint,
	"active_parameter_count" bigint,
	"context_length" integer,
	"modality" text DEFAULT 'text' NOT NULL,
	"licence_id" text,
	"licence_name" text,
	"licence_class" text DEFAULT 'unknown' NOT NULL,
	"shape_key" text,
	"facts_key" text,
	"tags" text[] NOT NULL,
	"search" "tsvector" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budmodel"."scans" (
	"version_id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"report" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budmodel"."upload_files" (
	"upload_id" text NOT NULL,
	"project_id" text NOT NULL,
	"path" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text,
	"part_bytes" bigint NOT NULL,
	"part_upload" text,
	CONSTRAINT "upload_files_upload_id_path_pk" PRIMARY KEY("upload_id","path")
);
--> statement-breakpoint
ALTER TABLE "budmodel"."files" ADD COLUMN "format" text;--> statement-breakpoint
ALTER TABLE "budmodel"."files" ADD COLUMN "scanned" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."models" ADD COLUMN "description" text;--> statement-breakpoint
ALTER TABLE "budmodel"."models" ADD COLUMN "tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."models" ADD COLUMN "shown_version_id" text;--> statement-breakpoint
ALTER TABLE "budmodel"."uploads" ADD COLUMN "version_id" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "kind" text DEFAULT 'model' NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "rescanning" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "source_path" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "pinned_source" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "registered_by" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "created_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "modality" text DEFAULT 'text' NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "licence_id" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "licence_name" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "licence_class" text DEFAULT 'unknown' NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "card_tags" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "shape_key" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "search" "tsvector";--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "licence" jsonb;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "lineage" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "card" jsonb;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "file_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "total_bytes" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "scanned_by" text;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD COLUMN "judged_by" text;--> statement-breakpoint
ALTER TABLE "budmodel"."aliases" ADD CONSTRAINT "aliases_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "budmodel"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."aliases" ADD CONSTRAINT "aliases_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "budmodel"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."benchmarks" ADD CONSTRAINT "benchmarks_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "budmodel"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."listed_models" ADD CONSTRAINT "listed_models_id_models_id_fk" FOREIGN KEY ("id") REFERENCES "budmodel"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."scans" ADD CONSTRAINT "scans_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "budmodel"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."upload_files" ADD CONSTRAINT "upload_files_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "budmodel"."uploads"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
UPDATE "budmodel"."models" m SET "shown_version_id" = v."id" FROM "budmodel"."versions" v WHERE v."model_id" = m."id";--> statement-breakpoint
UPDATE "budmodel"."versions" v SET
	"source_path" = m."source_path", "registered_by" = m."registered_by", "created_at" = m."created_at",
	"search" = array_to_tsvector(ARRAY(
		SELECT DISTINCT word FROM regexp_split_to_table(lower(m."name" || ' ' || coalesce(v."architecture", '')), '[^a-z0-9.]+') word WHERE word <> ''
	)),
	"file_count" = (SELECT count(*) FROM "budmodel"."files" f WHERE f."version_id" = v."id"),
	"total_bytes" = (SELECT coalesce(sum(f."bytes"), 0) FROM "budmodel"."files" f WHERE f."version_id" = v."id")
	FROM "budmodel"."models" m WHERE m."id" = v."model_id";--> statement-breakpoint
UPDATE "budmodel"."uploads" u SET "version_id" = v."id" FROM "budmodel"."versions" v WHERE v."model_id" = u."model_id";--> statement-breakpoint
UPDATE "budmodel"."files" f SET "format" = s."file"->>'format'
	FROM (SELECT v."id", jsonb_array_elements(v."scan"->'files') AS "file" FROM "budmodel"."versions" v WHERE v."scan" IS NOT NULL) s
	WHERE s."id" = f."version_id" AND s."file"->>'path' = f."path";--> statement-breakpoint
INSERT INTO "budmodel"."scans" ("version_id", "project_id", "report")
	SELECT v."id", v."project_id", (v."scan" - 'files' - 'findings') || jsonb_build_object(
		'policy', '',
		'file_count', jsonb_array_length(v."scan"->'files'),
		'bytes', (SELECT coalesce(sum((file->>'bytes')::bigint), 0) FROM jsonb_array_elements(v."scan"->'files') file),
		'bytes_covered', (SELECT coalesce(sum((file->>'bytes_covered')::bigint), 0) FROM jsonb_array_elements(v."scan"->'files') file),
		'findings', (SELECT coalesce(jsonb_agg(finding || jsonb_build_object('action', finding->'severity', 'waiver', null)), '[]') FROM jsonb_array_elements(v."scan"->'findings') finding)
	) FROM "budmodel"."versions" v WHERE v."scan" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."models" ALTER COLUMN "shown_version_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ALTER COLUMN "source_path" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ALTER COLUMN "registered_by" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ALTER COLUMN "created_at" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ALTER COLUMN "search" SET NOT NULL;--> statement-breakpoint
CREATE INDEX "aliases_version" ON "budmodel"."aliases" USING btree ("version_id");--> statement-breakpoint
CREATE INDEX "benchmarks_score" ON "budmodel"."benchmarks" USING btree ("project_id",lower("benchmark"),"score");--> statement-breakpoint
CREATE UNIQUE INDEX "connections_bucket" ON "budmodel"."connections" USING btree ("project_id","bucket");--> statement-breakpoint
CREATE INDEX "listed_models_newest" ON "budmodel"."listed_models" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "listed_models_name" ON "budmodel"."listed_models" USING btree ("project_id",(lower("name")) collate "C",("name") collate "C");--> statement-breakpoint
CREATE INDEX "listed_models_search" ON "budmodel"."listed_models" USING gin ("search");--> statement-breakpoint
ALTER TABLE "budmodel"."models" DROP COLUMN "source_path";--> statement-breakpoint
ALTER TABLE "budmodel"."uploads" DROP COLUMN "model_id";--> statement-breakpoint
ALTER TABLE "budmodel"."versions" DROP COLUMN "scan";--> statement-breakpoint
CREATE FUNCTION "budmodel"."list_model"("listed_id" text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO "budmodel"."listed_models" AS l (
		"id", "project_id", "name", "version_id", "kind", "state", "architecture", "parameter_count",
		"active_parameter_count", "context_length", "modality", "licence_id", "licence_name", "licence_class", "shape_key",
		"search", "facts_key", "tags"
	)
	SELECT
		m."id", m."project_id", m."name", v."id", v."kind", v."state", v."architecture", v."parameter_count",
		v."active_parameter_count", v."context_length", v."modality", v."licence_id", v."licence_name", v."licence_class",
		v."shape_key",
		v."search" || array_to_tsvector(ARRAY(
			SELECT DISTINCT word FROM regexp_split_to_table(array_to_string(m."tags", ' '), '[^a-z0-9.]+') word WHERE word <> ''
		)),
		md5(v."facts"::text),
		ARRAY(SELECT DISTINCT tag FROM unnest(m."tags" || v."card_tags") tag ORDER BY tag)
	FROM "budmodel"."models" m JOIN "budmodel"."versions" v ON v."id" = m."shown_version_id"
	WHERE m."id" = "listed_id"
	ON CONFLICT ("id") DO UPDATE SET (
		"name", "version_id", "kind", "state", "architecture", "parameter_count", "active_parameter_count", "context_length",
		"modality", "licence_id", "licence_name", "licence_class", "shape_key", "search", "facts_key", "tags"
	) = (
		EXCLUDED."name", EXCLUDED."version_id", EXCLUDED."kind", EXCLUDED."state", EXCLUDED."architecture",
		EXCLUDED."parameter_count", EXCLUDED."active_parameter_count", EXCLUDED."context_length", EXCLUDED."modality",
		EXCLUDED."licence_id", EXCLUDED."licence_name", EXCLUDED."licence_class", EXCLUDED."shape_key", EXCLUDED."search",
		EXCLUDED."facts_key", EXCLUDED."tags"
	)
$$;--> statement-breakpoint
CREATE FUNCTION "budmodel"."list_changed_model"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM "budmodel"."list_model"(NEW."id");
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE FUNCTION "budmodel"."list_changed_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM "budmodel"."list_model"(m."id") FROM "budmodel"."models" m
		WHERE m."id" = NEW."model_id" AND m."shown_version_id" = NEW."id";
	RETURN NULL;
END
$$;--> statement-breakpoint
CREATE TRIGGER "list_changed_model" AFTER INSERT OR UPDATE ON "budmodel"."models"
	FOR EACH ROW EXECUTE FUNCTION "budmodel"."list_changed_model"();--> statement-breakpoint
CREATE TRIGGER "list_changed_version" AFTER INSERT OR UPDATE ON "budmodel"."versions"
	FOR EACH ROW EXECUTE FUNCTION "budmodel"."list_changed_version"();--> statement-breakpoint
SELECT "budmodel"."list_model"("id") FROM "budmodel"."models";
