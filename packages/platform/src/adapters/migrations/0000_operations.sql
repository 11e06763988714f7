CREATE SCHEMA "platform";
--> statement-breakpoint
CREATE TABLE "platform"."operation_steps" (
	"operation_id" text NOT NULL,
	"project_id" text NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"started_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"message" text,
	"progress" jsonb,
	CONSTRAINT "operation_steps_operation_id_name_pk" PRIMARY KEY("operation_id","name")
);
--> statement-breakpoint
CREATE TABLE "platform"."operations" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"reasons" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "platform"."operation_steps" ADD CONSTRAINT "operation_steps_operation_id_operations_id_fk" FOREIGN KEY ("operation_id") REFERENCES "platform"."operations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "operations_by_project" ON "platform"."operations" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "operations_by_subject" ON "platform"."operations" USING btree ("project_id","subject_id","created_at");