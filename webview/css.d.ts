/** Style sheets are imported for their effect: the bundler joins them into panel.css. */
declare module '*.css';
