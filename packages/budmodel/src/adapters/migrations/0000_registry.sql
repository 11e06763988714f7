CREATE SCHEMA "budmodel";
--> statement-breakpoint
CREATE TABLE "budmodel"."files" (
	"version_id" text NOT NULL,
	"project_id" text NOT NULL,
	"path" text NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	CONSTRAINT "files_version_id_path_pk" PRIMARY KEY("version_id","path")
);
--> statement-breakpoint
CREATE TABLE "budmodel"."models" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"source_path" text NOT NULL,
	"registered_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budmodel"."uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"model_id" text
);
--> statement-breakpoint
CREATE TABLE "budmodel"."versions" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"number" integer NOT NULL,
	"state" text NOT NULL,
	"state_since" timestamp with time zone NOT NULL,
	"state_reasons" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"operation_id" text NOT NULL,
	"claims" jsonb NOT NULL,
	"architecture" text,
	"parameter_count" bigint,
	"active_parameter_count" bigint,
	"context_length" integer,
	"facts" jsonb,
	"conflicts" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"digest" text,
	"scan" jsonb
);
--> statement-breakpoint
ALTER TABLE "budmodel"."files" ADD CONSTRAINT "files_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "budmodel"."versions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budmodel"."versions" ADD CONSTRAINT "versions_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "budmodel"."models"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "models_name" ON "budmodel"."models" USING btree ("project_id","name");--> statement-breakpoint
CREATE INDEX "models_newest" ON "budmodel"."models" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "uploads_age" ON "budmodel"."uploads" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "versions_number" ON "budmodel"."versions" USING btree ("model_id","number");--> statement-breakpoint
CREATE INDEX "versions_state" ON "budmodel"."versions" USING btree ("state");