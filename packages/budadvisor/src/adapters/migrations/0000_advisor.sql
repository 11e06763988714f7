CREATE SCHEMA "budadvisor";
--> statement-breakpoint
CREATE TABLE "budadvisor"."activations" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"number" integer,
	"pinned" boolean NOT NULL,
	"activated_by" text NOT NULL,
	"activated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budadvisor"."drifts" (
	"endpoint_id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"revision" integer NOT NULL,
	"history_from" timestamp with time zone NOT NULL,
	"drifting" boolean NOT NULL,
	"target" text,
	"since" timestamp with time zone,
	"from_ratio" double precision,
	"to_ratio" double precision,
	"changed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budadvisor"."observations" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"endpoint_id" text,
	"revision" integer,
	"subject" jsonb NOT NULL,
	"measured" jsonb NOT NULL,
	"predicted" jsonb NOT NULL,
	"predictor" text NOT NULL,
	"refinement" integer,
	"observation" jsonb NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"observed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budadvisor"."refinements" (
	"project_id" text NOT NULL,
	"number" integer NOT NULL,
	"predictor" text NOT NULL,
	"observations" jsonb NOT NULL,
	"endpoint_ids" jsonb NOT NULL,
	"observed_until" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "refinements_project_id_number_pk" PRIMARY KEY("project_id","number")
);
--> statement-breakpoint
CREATE INDEX "activations_by_project" ON "budadvisor"."activations" USING btree ("project_id","id");--> statement-breakpoint
CREATE INDEX "observations_by_project" ON "budadvisor"."observations" USING btree ("project_id","observed_at");--> statement-breakpoint
CREATE INDEX "observations_by_endpoint" ON "budadvisor"."observations" USING btree ("endpoint_id","observed_at");