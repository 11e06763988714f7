CREATE SCHEMA "budcluster";
--> statement-breakpoint
CREATE TABLE "budcluster"."approvals" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"optimization_id" text NOT NULL,
	"approved_by" text NOT NULL,
	"approved_at" timestamp with time zone NOT NULL,
	"deployment" jsonb NOT NULL,
	"edits" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budcluster"."clusters" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"stage" text NOT NULL,
	"spec" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "budcluster"."endpoints" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"cluster_id" text NOT NULL,
	"model_id" text NOT NULL,
	"model_name" text NOT NULL,
	"version_id" text NOT NULL,
	"facts" jsonb NOT NULL,
	"manifest" jsonb,
	"state" text NOT NULL,
	"state_since" timestamp with time zone NOT NULL,
	"state_reasons" jsonb NOT NULL,
	"revision" integer NOT NULL,
	"targets" jsonb NOT NULL,
	"workload" jsonb,
	"operation_id" text NOT NULL,
	"active_operation" jsonb,
	"published" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "budcluster"."optimizations" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"model_id" text NOT NULL,
	"model_name" text NOT NULL,
	"version_id" text NOT NULL,
	"cluster_id" text NOT NULL,
	"cluster_name" text NOT NULL,
	"endpoint_id" text,
	"workload" jsonb NOT NULL,
	"targets" jsonb NOT NULL,
	"objective" text NOT NULL,
	"result" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "budcluster"."reservations" (
	"endpoint_id" text NOT NULL,
	"node" text NOT NULL,
	"cluster_id" text NOT NULL,
	"project_id" text NOT NULL,
	"gpus" integer NOT NULL,
	CONSTRAINT "reservations_endpoint_id_node_pk" PRIMARY KEY("endpoint_id","node")
);
--> statement-breakpoint
CREATE TABLE "budcluster"."revisions" (
	"endpoint_id" text NOT NULL,
	"number" integer NOT NULL,
	"project_id" text NOT NULL,
	"deployment" jsonb NOT NULL,
	"gpu_type" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"approval_id" text,
	"predicted" jsonb,
	CONSTRAINT "revisions_endpoint_id_number_pk" PRIMARY KEY("endpoint_id","number")
);
--> statement-breakpoint
ALTER TABLE "budcluster"."approvals" ADD CONSTRAINT "approvals_optimization_id_optimizations_id_fk" FOREIGN KEY ("optimization_id") REFERENCES "budcluster"."optimizations"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budcluster"."endpoints" ADD CONSTRAINT "endpoints_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "budcluster"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budcluster"."reservations" ADD CONSTRAINT "reservations_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "budcluster"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budcluster"."reservations" ADD CONSTRAINT "reservations_cluster_id_clusters_id_fk" FOREIGN KEY ("cluster_id") REFERENCES "budcluster"."clusters"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budcluster"."revisions" ADD CONSTRAINT "revisions_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "budcluster"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "approvals_optimization" ON "budcluster"."approvals" USING btree ("optimization_id");--> statement-breakpoint
CREATE UNIQUE INDEX "clusters_name" ON "budcluster"."clusters" USING btree ("project_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "endpoints_name" ON "budcluster"."endpoints" USING btree ("project_id","name") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "endpoints_cluster" ON "budcluster"."endpoints" USING btree ("cluster_id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "optimizations_project" ON "budcluster"."optimizations" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "reservations_cluster" ON "budcluster"."reservations" USING btree ("cluster_id");