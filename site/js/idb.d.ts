/** The build puts npm's idb where the page imports it from; the types are its own. */
declare module "*/idb.js" {
  export * from "idb";
}
