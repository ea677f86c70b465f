/**
 * The sections of the analytics, in the order in which they stand. A section without a page of its own shows the views
 * whose `section` it is, so that a new view needs no change here.
 */
import { ExperimentsSection } from "./experiments/experiments_section.js";
import { SqlSection } from "./sql/sql_section.js";

/**
 * @import { ComponentType } from "preact"
 * @import { AnalyticsRoute } from "../route.js"
 *
 * `Page` stands beneath the bar of sections; make it with `lazyPart`, so that it is fetched when it is first opened.
 * @typedef {{ name: string, title: string, Page?: ComponentType<{ route: AnalyticsRoute }> }} Section
 */

/** @type {Section[]} */
export const sections = [
  { name: "overview", title: "Overview" },
  { name: "models", title: "Models" },
  { name: "reliability", title: "Reliability" },
  { name: "cost", title: "Cost" },
  { name: "people", title: "People" },
  { name: "experiments", title: "Experiments", Page: ExperimentsSection },
  { name: "sql", title: "SQL", Page: SqlSection },
  { name: "ingestion", title: "Ingestion" },
];
